import { runCase } from '../policy-cases/run-case.ts';
import { type Cases, readCases } from './case-files.ts';
import type { CliCommand } from './command.ts';
import { spellFault } from './given-file.ts';

export const test: CliCommand = {
  usage: 'test [folder or file]    play the policy cases (*.test.yaml): given, when, want',
  async run([path = 'runbooks'], { say }) {
    const { cases, faults } = await readCases(path);
    for (const fault of faults) say(`FAULT  ${spellFault(fault)}`);
    const results = cases.flatMap(play);
    for (const { line, differences } of results) {
      say(line);
      for (const difference of differences) say(`       ${difference}`);
    }
    const wrong = results.filter(({ differences }) => differences.length > 0).length;
    const unread = faults.length === 0 ? '' : `, ${faults.length} faults in files that were not played`;
    say(`${results.length} cases: ${results.length - wrong} as wanted, ${wrong} not${unread}`);
    return wrong + faults.length === 0 && results.length > 0 ? 0 : 1;
  },
};

type Played = { readonly line: string; readonly differences: readonly string[] };

function play({ file, content, base, lineOf }: Cases): Played[] {
  return content.cases.map((one, n) => {
    const { name, differences } = runCase(base, content, one);
    const mark = differences.length === 0 ? 'ok    ' : 'WRONG ';
    return { line: `${mark} ${file}:${lineOf(n)} ${name}`, differences };
  });
}
