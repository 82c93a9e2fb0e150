import { z } from 'zod';
import { type Incident, isOver } from './incident.ts';
import { digest, wellFormed } from './json.ts';
import { isAsked } from './parameter-value.ts';
import type { Policy } from './policy.ts';
import type { Runbook } from './runbook.ts';

/** Where an incident says that it is Handrail's business: a column and the value that offers it. */
export type Tag = { readonly column: string; readonly offer: string };

/** What was made of an incident the last time it was looked at. */
export const Considered = z.strictObject({
  /** `sys_mod_count` as it was read. */
  modCount: z.number().int().nonnegative(),
  /** `shapeOf` the incident then. */
  shape: z.string(),
  /** It carries the tag, or did once. */
  offered: z.boolean(),
  /** The run that came of it, or was there already. */
  run: z.string().optional(),
  /** By which its runs are found when it cannot be read any more. */
  number: z.string().optional(),
});
export type Considered = z.infer<typeof Considered>;

/** Why an event tells nothing new, for the record; undefined when the incident has to be looked at. */
export function isOld(before: Considered, modCount: number): string | undefined {
  if (modCount < before.modCount) return olderThan(before.modCount);
  // what came to nothing is looked at again: the CMDB or the runbooks may have changed, and somebody asks
  if (modCount > before.modCount || before.run === undefined) return undefined;
  return `known: run ${before.run}; version ${modCount} was considered`;
}

export const olderThan = (version: number): string =>
  `dropped: older than version ${version}, which was considered`;

export const isOffered = (incident: Pick<Incident, 'fields'>, tag: Tag | undefined): boolean =>
  tag !== undefined && incident.fields[tag.column] === tag.offer;

/** Why nothing may be proposed for an incident as it is now. `over` and `nothing` hold for every run of it. */
export type Unfit = { readonly is: 'over' | 'nothing' | 'taken-out'; readonly why: string };

/**
 * Judges the incident itself. Without the tag it is fit too, as long as nobody took the tag away: on an instance without
 * the column, whoever sends events chooses.
 */
export function unfit(
  incident: Pick<Incident, 'number' | 'state' | 'ciSysId' | 'fields'>,
  tag: Tag | undefined,
  before: Considered | undefined,
): Unfit | undefined {
  const { number, state, ciSysId } = incident;
  if (isOver(incident)) return { is: 'over', why: `${number} is ${state}` };
  if (tag !== undefined && isTakenOut(incident.fields[tag.column] ?? '', tag, before))
    return { is: 'taken-out', why: `${number} is not offered to Handrail any more` };
  if (ciSysId === '') return { is: 'nothing', why: `${number} names no configuration item` };
  return undefined;
}

/** Another value is a person's word; an empty one only when it was another before. */
const isTakenOut = (said: string, { offer }: Tag, before: Considered | undefined): boolean =>
  said === '' ? before?.offered === true : said !== offer;

/** One hash over all of an incident that rules, parameters and risk tiers look at. Two versions with the same hash are one to us. */
export function shapeOf(
  incident: Incident,
  tag: Tag | undefined,
  runbooks: readonly Runbook[],
  policy: Policy,
): string {
  const columns = [...heeded(runbooks, policy), ...(tag === undefined ? [] : [tag.column])];
  const shape = {
    over: isOver(incident),
    ci: incident.ciSysId,
    text: [incident.shortDescription, incident.description],
    priority: incident.priority,
    columns: Object.fromEntries(columns.map((column) => [column, incident.fields[column] ?? ''])),
  };
  // a text that was cut off in the middle of an emoji has no canonical form
  return digest(wellFormed(shape));
}

const ofIncident = 'incident.';

function heeded(runbooks: readonly Runbook[], policy: Policy): string[] {
  const columns = runbooks.flatMap(({ match, parameters }) => [
    ...Object.keys(match.incident),
    ...Object.values(parameters)
      .flatMap((one) => (!isAsked(one) ? [] : one.from))
      .filter((source) => source.startsWith(ofIncident))
      .map((source) => source.slice(ofIncident.length)),
  ]);
  return [...columns, policy.customerImpact.column];
}
