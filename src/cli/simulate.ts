import type { Given } from '../policy-cases/given.ts';
import { overlay } from '../policy-cases/merge.ts';
import { moved } from '../policy-cases/moves.ts';
import { isKnown, peopled } from '../policy-cases/people.ts';
import { beginning } from '../policy-cases/scene.ts';
import { simulationLines } from '../policy-cases/simulation.ts';
import { stageOf } from '../policy-cases/stage.ts';
import { readFolder } from './case-files.ts';
import type { CliCommand } from './command.ts';
import { faulty, instantFrom, misused, readGiven } from './given-file.ts';
import { needed, readOptions } from './options.ts';

const names = ['runbook', 'incident', 'at', 'facts', 'by', 'runbooks'] as const;

export const simulate: CliCommand = {
  usage:
    'simulate --runbook X --incident FILE [--at TIME] [--facts FILE] [--by PERSON] [--runbooks FOLDER]\n' +
    '                           what would be decided, by every guardrail, without asking anything',
  async run(args, { say, now }) {
    const options = readOptions(args, names);
    const runbook = needed(options, 'runbook');
    const { faults, ...folder } = await readFolder(options.runbooks ?? 'runbooks');
    if (faults.length > 0) throw faulty(faults);
    if (!folder.runbooks.has(runbook))
      throw misused(`there is no runbook ${runbook}; known: ${[...folder.runbooks.keys()].join(', ')}`);
    const given = await givenBy(options, now());
    const base = { ...folder, runbook };
    const staged = stageOf(base, given);
    if (!staged.ok) throw misused(`the ${staged.in} does not fit: ${staged.issues[0]?.message ?? ''}`);
    const by = options.by ?? 'servicenow';
    if (!isKnown(given, by))
      throw misused(`there is nobody called ${by}; add ${by}: [] to people of the facts`);
    const { groups } = staged.stage.policy.policy;
    const scene = moved(beginning(base, peopled(given, Object.keys(groups))), { propose: by });
    for (const line of simulationLines(scene)) say(line);
    return 0;
  },
};

async function givenBy(options: Partial<Record<(typeof names)[number], string>>, now: Date): Promise<Given> {
  const incident = await readGiven(needed(options, 'incident'));
  const facts = options.facts === undefined ? {} : await readGiven(options.facts);
  const at = options.at === undefined ? undefined : instantFrom('at', options.at);
  return overlay(
    { at: now.toISOString() },
    overlay(overlay(incident, facts), at === undefined ? {} : { at }),
  );
}
