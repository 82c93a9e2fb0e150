import { writeFile } from 'node:fs/promises';
import { inconsistencies } from '../adapters/catalogue/check.ts';
import { readYaml } from '../adapters/catalogue/read-yaml.ts';
import { messageOf } from '../domain/errors.ts';
import { Policy } from '../domain/policy.ts';
import {
  backtestLines,
  type Compared,
  countsOf,
  differs,
  identityOf,
  judged,
  PastIncident,
} from '../policy-cases/backtest.ts';
import type { Base } from '../policy-cases/stage.ts';
import { ciOf, incidentOf } from '../policy-cases/world.ts';
import { type FolderRead, readFolder } from './case-files.ts';
import type { CliCommand } from './command.ts';
import { faulty, misused, textOf } from './given-file.ts';
import { needed, readOptions } from './options.ts';

type BadLine = { readonly line: number; readonly message: string };

export const backtest: CliCommand = {
  usage:
    'backtest --policy FILE --incidents FILE.jsonl [--json FILE] [--runbooks FOLDER]\n' +
    '                           what another policy would have decided about past incidents',
  async run(args, { say, now }) {
    const options = readOptions(args, ['policy', 'incidents', 'json', 'runbooks']);
    const { present, files } = await presentPolicy(options.runbooks ?? 'runbooks');
    const proposed = { ...present, policy: await otherPolicy(needed(options, 'policy'), files, now()) };
    const text = await textOf(needed(options, 'incidents'));
    const { all, bad } = compare(text, present, proposed, now());
    for (const line of backtestLines(all)) say(line);
    for (const { line, message } of bad) say(`line ${line} was left out: ${message}`);
    if (options.json !== undefined) {
      const report = {
        present: { ...identityOf(present), counts: countsOf(all, 'present') },
        new: { ...identityOf(proposed), counts: countsOf(all, 'proposed') },
        incidents: all.map(({ proposed: next, ...one }) => ({ ...one, new: next })),
        different: all.filter(differs).map(({ line }) => line),
        bad,
      };
      await writeFile(options.json, `${JSON.stringify(report, null, 2)}\n`);
    }
    return bad.length === 0 ? 0 : 1;
  },
};

async function presentPolicy(folder: string): Promise<{ present: Base; files: FolderRead['files'] }> {
  const { faults, files, ...read } = await readFolder(folder);
  if (faults.length > 0) throw faulty(faults);
  const [runbook] = read.runbooks.keys();
  if (runbook === undefined) throw misused(`there is no runbook in ${folder}`);
  return { present: { ...read, runbook }, files };
}

/** It is checked with the runbooks as the start would: what could not be started would decide nothing. */
async function otherPolicy(file: string, runbooks: FolderRead['files'], now: Date): Promise<object> {
  const read = readYaml(file, await textOf(file), Policy);
  const faults = read.ok ? inconsistencies(runbooks, read.read, now) : read.faults;
  if (!read.ok || faults.length > 0) throw faulty(faults);
  return read.read.content as object;
}

/** Every line by itself: what is wrong with one is told with its number and loses nothing of the others. */
function compare(
  text: string,
  present: Base,
  proposed: Base,
  now: Date,
): { all: Compared[]; bad: BadLine[] } {
  const all: Compared[] = [];
  const bad: BadLine[] = [];
  for (const [n, written] of text.split('\n').entries()) {
    if (written.trim() === '') continue;
    const line = n + 1;
    const read = readLine(written);
    if ('message' in read) {
      bad.push({ line, message: read.message });
      continue;
    }
    const past = { at: now.toISOString(), ...read };
    const { number, ciSysId } = incidentOf({ incident: past.incident });
    const ci = ciSysId === '' ? 'no item' : ciOf({ ci: past.ci }).name;
    const verdicts = { present: judged(present, past), proposed: judged(proposed, past) };
    all.push({ line, incident: number, ci, ...verdicts });
  }
  return { all, bad };
}

function readLine(written: string): PastIncident | { readonly message: string } {
  let content: unknown;
  try {
    content = JSON.parse(written);
  } catch (error) {
    return { message: `is no JSON: ${messageOf(error)}` };
  }
  const read = PastIncident.safeParse(content);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  return { message: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'does not fit'}` };
}
