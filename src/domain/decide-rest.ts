import type { Resumes } from './after-end.ts';
import type { Command } from './commands.ts';
import { type Decided, type Facts, refuse } from './decision.ts';
import type { ConfigurationItem, Incident } from './incident.ts';
import { isSameValue, spellValue } from './parameter-value.ts';
import { carried, isChosen, type ResolvedParameter, resolveParameters, type Sources } from './parameters.ts';
import { restOf } from './rest.ts';
import { codeOf, type Run } from './run.ts';
import type { LoadedRunbook } from './runbook.ts';
import { isSame } from './vote.ts';

/** What the ticket and the CMDB say at this moment. */
type Now = Sources & { readonly incident: Incident; readonly ci: ConfigurationItem };
type Propose = Extract<Command, { name: 'propose' }>;

/** What a run that continues another one takes over from it. */
export type TakenOver = { readonly resumes: Resumes; readonly parameters: readonly ResolvedParameter[] };

/** What is taken over, or why this run may not continue that one; undefined for a run that begins at the beginning. */
export function takenOver(
  run: Run,
  { resumes, by }: Propose,
  { resumed }: Facts,
  loaded: LoadedRunbook,
  now: Now,
): Decided | TakenOver | undefined {
  if (resumes === undefined) return undefined;
  if (!resumed.ok) return refuse(run, 'facts-unknown', { message: resumed.why });
  const before = resumed.value;
  const rest = before && restOf(before);
  // the log of that run says who continues it, and with which run
  const { continued } = before ?? {};
  if (before === undefined || rest === undefined || continued?.runId !== run.runId || by.kind !== 'person')
    return refuse(run, 'not-continuable');
  if (!isSame(continued.by, by)) return refuse(run, 'not-continuable');
  if (loaded.hash !== rest.hash) return refuse(run, 'runbook-changed');
  if (now.ci.sysId !== before.proposal?.ci.sysId)
    return refuse(run, 'not-continuable', {
      message: `${now.incident.number} names another configuration item now.`,
    });
  const changes = [...changed(before, now), ...valuesChanged(before, loaded, now)];
  return {
    resumes: { ...rest.resumes, changes },
    parameters: before.parameters.map((one) => carried(one, codeOf(before.runId))),
  };
}

/** What the ticket and the CMDB say otherwise than when that run was proposed. */
function changed({ proposal }: Run, { incident, ci }: Now): string[] {
  const compare = (what: string, before: string | undefined, after: string): string[] =>
    before === undefined || before === after ? [] : [`${what} changed from ${before} to ${after}`];
  return [
    ...compare(
      'the description of the incident',
      proposal?.incident.shortDescription,
      incident.shortDescription,
    ),
    ...compare('its priority', proposal?.incident.priority, incident.priority),
    ...compare('the name of the configuration item', proposal?.ci.name, ci.name),
    ...compare('the environment', proposal?.ci.environment, ci.environment),
  ];
}

/** A value that was read then and reads differently now: the run goes on with the one it began with. */
function valuesChanged({ parameters }: Run, { runbook }: LoadedRunbook, now: Now): string[] {
  const fresh = new Map(resolveParameters(runbook, now).map((one) => [one.name, one]));
  return parameters.flatMap((one) => {
    const { value = null, source } = fresh.get(one.name) ?? {};
    if (
      isChosen(one) ||
      source === 'owner' ||
      value === null ||
      one.value === null ||
      isSameValue(value, one.value)
    )
      return [];
    return [
      `${one.title} is ${spellValue(value)} in ${source} now; it goes on with ${spellValue(one.value)}`,
    ];
  });
}
