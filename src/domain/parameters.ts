import { z } from 'zod';
import type { ConfigurationItem, Incident } from './incident.ts';
import { MEMBERS, type Parameter, type Value } from './parameter.ts';
import { type Asked, isAsked, isSameValue, parseParameter } from './parameter-value.ts';
import type { Person } from './people.ts';
import type { Runbook, Scalar } from './runbook.ts';

/** A parameter with its value and where that came from: `ci.fqdn`, `incident.category`, `default`, `person`, `owner`, `secret`, `missing`. */
export const ResolvedParameter = z.strictObject({
  name: z.string(),
  title: z.string(),
  value: z.union([z.string(), z.number(), z.boolean(), z.array(z.string()), z.null()]),
  source: z.string(),
  /** A person has to confirm or fill in this value before the plan is made. */
  confirm: z.boolean(),
  /** What people see instead of the value: the name behind an id. */
  shown: z.string().optional(),
});
export type ResolvedParameter = z.infer<typeof ResolvedParameter>;

export type FieldError = { readonly field: string; readonly message: string };

/** What values are read from. */
export type Sources = {
  readonly incident: Pick<Incident, 'fields'>;
  readonly ci: Pick<ConfigurationItem, 'fields' | 'name' | 'sysId'>;
  /** Names of what the item consists of; undefined when nobody can tell. */
  readonly members: readonly string[] | undefined;
  /** Whom the item is assigned to; undefined when nobody is asked or nobody can be. */
  readonly owner?: Person | undefined;
};

/** Parameters as far as the incident, the CMDB and the defaults give them. */
export function resolveParameters(runbook: Runbook, sources: Sources): ResolvedParameter[] {
  return Object.entries(runbook.parameters).map(([name, parameter]) => {
    const { title } = parameter;
    if (parameter.type === 'secret') return { name, title, value: null, source: 'secret', confirm: false };
    if (parameter.type === 'owner')
      return { name, title, source: 'owner', confirm: true, ...asValue(sources.owner) };
    const found = firstSource(parameter, sources);
    if (found === undefined) return { name, title, value: null, source: 'missing', confirm: true };
    return { name, title, ...found, confirm: parameter.ask === 'always' };
  });
}

const asValue = (owner: Person | undefined) =>
  owner === undefined ? { value: null } : { value: owner.id, shown: owner.name };

/**
 * The same once more, with what the incident and the CMDB say now. What people entered stays; a value they confirmed
 * counts as confirmed while it is the same value from the same source.
 */
export function resolveAgain(
  runbook: Runbook,
  known: readonly ResolvedParameter[],
  sources: Sources,
): ResolvedParameter[] {
  return resolveParameters(runbook, sources).map((fresh) => {
    const before = known.find((one) => one.name === fresh.name);
    if (before === undefined) return fresh;
    // an owner nobody could name now is for a guardrail to judge
    const unnamed = fresh.source === 'owner' && fresh.value === null;
    if (isChosen(before) || isCarried(before) || unnamed) return before;
    const same = isSameValue(before.value, fresh.value) && before.source === fresh.source;
    return same ? { ...fresh, confirm: before.confirm } : fresh;
  });
}

/** A person chose this value: the requester, or an approver who narrowed it. */
export const isChosen = ({ source }: Pick<ResolvedParameter, 'source'>): boolean =>
  source === 'person' || source === 'approver';

const CARRIED = 'run ';
const KEPT = 'is kept from the run that is continued, which did its part with it';

/** The value that the run with this code had; nobody changes it, because what that run did was done with it. */
export function carried(one: ResolvedParameter, code: string): ResolvedParameter {
  if (one.source === 'secret' || isCarried(one)) return one;
  // what is left is done to what is theirs as well: they are asked anew
  if (one.source === 'owner') return { ...one, confirm: true };
  return { ...one, source: `${CARRIED}${code}`, confirm: false };
}

const isCarried = ({ source }: Pick<ResolvedParameter, 'source'>): boolean => source.startsWith(CARRIED);

function firstSource(
  parameter: Asked,
  { incident, ci, members }: Sources,
): { value: Value; source: string } | undefined {
  const columns: Record<string, Value> = {};
  for (const [column, value] of Object.entries(incident.fields)) columns[`incident.${column}`] = value;
  for (const [column, value] of Object.entries(ci.fields)) columns[`ci.${column}`] = value;
  columns['ci.name'] = ci.name;
  columns['ci.sys_id'] = ci.sysId;
  // in an order of its own: the CMDB may answer in another one each time, and that is no other plan
  if (members !== undefined) columns[MEMBERS] = [...members].sort();
  for (const source of parameter.from) {
    const value = columns[source];
    if (value === undefined || value === '') continue;
    const parsed = parseParameter(parameter, value);
    if (parsed.ok) return { value: parsed.value, source };
  }
  return parameter.default === undefined ? undefined : { value: parameter.default, source: 'default' };
}

export type Confirmation =
  | { readonly ok: true; readonly parameters: ResolvedParameter[] }
  | { readonly ok: false; readonly errors: FieldError[] };

/** Applies what a person entered. Values left out keep what was resolved; every value is validated again. */
export function confirmParameters(
  runbook: Runbook,
  resolved: readonly ResolvedParameter[],
  entered: Readonly<Record<string, Scalar>>,
): Confirmation {
  const errors: FieldError[] = Object.keys(entered)
    .filter((name) => !Object.hasOwn(runbook.parameters, name) || !isAsked(runbook.parameters[name]))
    .map((name) => ({ field: name, message: 'not a parameter a person can set' }));
  const parameters = resolved.map((one) => {
    const confirmed = confirmOne(runbook.parameters[one.name], one, entered);
    if ('message' in confirmed) errors.push({ field: one.name, message: confirmed.message });
    return 'message' in confirmed ? one : confirmed;
  });
  return errors.length === 0 ? { ok: true, parameters } : { ok: false, errors };
}

/** People set what is asked for: what was missing, what has to be confirmed, what a person entered before. */
const isOpen = (parameter: Asked, one: ResolvedParameter): boolean =>
  !isCarried(one) && (one.confirm || isChosen(one) || parameter.ask === 'always');

const notAskedFor = (one: ResolvedParameter): string =>
  isCarried(one) ? KEPT : `comes from ${one.source} and is not asked for; correct it there`;

function confirmOne(
  parameter: Parameter | undefined,
  one: ResolvedParameter,
  entered: Readonly<Record<string, Scalar>>,
): ResolvedParameter | { readonly message: string } {
  if (!isAsked(parameter)) return one;
  const given = Object.hasOwn(entered, one.name) && !saysSame(parameter, entered[one.name] ?? '', one.value);
  if (given && !isOpen(parameter, one)) return { message: notAskedFor(one) };
  const input = (Object.hasOwn(entered, one.name) ? entered[one.name] : undefined) ?? one.value;
  if (input === null || input === '') return { message: 'a value is needed' };
  const parsed = parseParameter(parameter, input);
  if (!parsed.ok) return parsed;
  const source = isSameValue(parsed.value, one.value) ? one.source : 'person';
  return { ...one, value: parsed.value, source, confirm: false };
}

/** A list that is written otherwise is the same list. */
function saysSame(parameter: Asked, entered: Scalar, value: Value | null): boolean {
  if (parameter.type !== 'list') return entered === value;
  const parsed = parseParameter(parameter, entered);
  return parsed.ok && isSameValue(parsed.value, value);
}

/** What an approver changes, each within the `narrow` limit of the runbook; everything else stays as it is. */
export function narrowParameters(
  runbook: Runbook,
  resolved: readonly ResolvedParameter[],
  entered: Readonly<Record<string, Scalar>>,
): Confirmation {
  const errors: FieldError[] = Object.keys(entered)
    .filter((name) => !resolved.some((one) => one.name === name))
    .map((name) => ({ field: name, message: 'is not a parameter of this run' }));
  const parameters = resolved.map((one) => {
    if (!Object.hasOwn(entered, one.name)) return one;
    const narrowed = narrowOne(runbook.parameters[one.name], one, entered[one.name] ?? '');
    if ('message' in narrowed) errors.push({ field: one.name, message: narrowed.message });
    return 'message' in narrowed ? one : narrowed;
  });
  return errors.length === 0 ? { ok: true, parameters } : { ok: false, errors };
}

function narrowOne(
  parameter: Parameter | undefined,
  one: ResolvedParameter,
  entered: Scalar,
): ResolvedParameter | { readonly message: string } {
  if (!isAsked(parameter)) return { message: 'cannot be changed' };
  const parsed = parseParameter(parameter, entered);
  if (!parsed.ok) return parsed;
  if (isSameValue(parsed.value, one.value)) return one;
  if (isCarried(one)) return { message: KEPT };
  const message = notNarrower(parameter, one.value, parsed.value);
  return message === undefined ? { ...one, value: parsed.value, source: 'approver' } : { message };
}

/** Why this is no smaller choice; undefined when it is one. */
function notNarrower(parameter: Asked, before: Value | null, after: Value): string | undefined {
  if (before === null) return 'has no value yet: the requester fills it in';
  if (parameter.type === 'string' || parameter.type === 'list' || parameter.narrow === undefined)
    return 'the runbook does not let approvers change it';
  if (parameter.type === 'integer')
    return after < before === (parameter.narrow === 'lower')
      ? undefined
      : `can only be made ${parameter.narrow}`;
  const allowed = parameter.type === 'choice' ? parameter.narrow : [parameter.narrow];
  if (allowed.some((value) => value === after)) return undefined;
  return `can only be changed to ${allowed.map((value) => spoken(value)).join(', ')}`;
}

const spoken = (value: string | boolean): string =>
  typeof value === 'string' ? value : value ? 'yes' : 'no';

/** The values of a complete list; a value still missing is undefined. */
export function valuesOf(parameters: readonly ResolvedParameter[]): Record<string, Value> | undefined {
  if (parameters.some((p) => p.confirm)) return undefined;
  return Object.fromEntries(parameters.flatMap((p) => (p.value === null ? [] : [[p.name, p.value]])));
}
