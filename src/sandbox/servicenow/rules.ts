import { journals, referenceOf, rootOf } from './dictionary.ts';
import { displayName } from './present.ts';
import { newSysId, nextNumber, type Row, rowIn, rowsOf, type State, stamp } from './state.ts';

/** A record after a write, or why a data policy refused it. `changed` names the columns with a new value. */
export type Saved =
  | { readonly ok: true; readonly row: Row; readonly changed: readonly string[] }
  | { readonly ok: false; readonly detail: string };

/** Who writes, and when. */
type Author = { readonly user: string; readonly now: Date };

const kept = new Set([
  'sys_id',
  'sys_created_on',
  'sys_created_by',
  'sys_updated_on',
  'sys_updated_by',
  'sys_mod_count',
]);
const isJournal = (column: string): boolean => journals.some((name) => name === column);

/** Creates a record, as a form save by its author would. */
export function insert(state: State, table: string, input: Row, author: Author): Saved {
  const created = stamp(author.now);
  const before: Row = {
    sys_id: newSysId(),
    sys_class_name: table,
    sys_created_on: created,
    sys_created_by: author.user,
    ...defaults(state, table, created, author.user),
  };
  return save(state, table, before, input, author);
}

/** Changes a record. A write that changes nothing leaves sys_mod_count alone, as ServiceNow does. */
export const update = (state: State, table: string, before: Row, input: Row, author: Author): Saved =>
  save(state, table, before, input, author);

function save(state: State, table: string, before: Row, input: Row, author: Author): Saved {
  const written = Object.entries(input)
    .filter(([column]) => !kept.has(column) && !isJournal(column))
    .map(([column, value]) => [column, resolve(state, table, column, value)]);
  const draft: Row = { ...before, ...Object.fromEntries(written) };
  const after = table === 'incident' ? incidentRules(before, draft, input, author) : draft;
  const missing = table === 'incident' ? missingFields(before, after) : [];
  if (missing.length > 0)
    return {
      ok: false,
      detail: `Data Policy Exception: The following fields are mandatory: ${missing.join(', ')}`,
    };
  const notes = journals.filter((name) => (input[name] ?? '') !== '');
  const changed = Object.keys(after).filter((column) => (after[column] ?? '') !== (before[column] ?? ''));
  const count = before['sys_mod_count'];
  if (count !== undefined && changed.length === 0 && notes.length === 0)
    return { ok: true, row: before, changed };
  const row = {
    ...after,
    sys_updated_on: stamp(author.now),
    sys_updated_by: author.user,
    sys_mod_count: count === undefined ? '0' : String(Number(count) + 1),
  };
  put(state, table, row);
  for (const element of notes) put(state, 'sys_journal_field', entry(table, row, element, input, author));
  return { ok: true, row, changed };
}

function put(state: State, table: string, row: Row): void {
  const root = rootOf(table);
  state.tables[root] ??= {};
  state.tables[root][row['sys_id'] ?? ''] = row;
}

const entry = (table: string, row: Row, element: string, input: Row, author: Author): Row => ({
  sys_id: newSysId(),
  name: table,
  element,
  element_id: row['sys_id'] ?? '',
  value: input[element] ?? '',
  sys_created_on: stamp(author.now),
  sys_created_by: author.user,
});

/** A reference may be written as a sys_id or, when exactly one record is called so, by its name. */
function resolve(state: State, table: string, column: string, value: string): string {
  const target = referenceOf(table, column);
  if (target === undefined || value === '' || rowIn(state, target, value) !== undefined) return value;
  const named = rowsOf(state, target).filter((row) => displayName(row) === value);
  return named.length === 1 ? (named[0]?.['sys_id'] ?? value) : value;
}

function defaults(state: State, table: string, created: string, user: string): Row {
  const number = nextNumber(state, table);
  if (number === undefined) return {};
  const opener = rowsOf(state, 'sys_user').find((row) => row['user_name'] === user)?.['sys_id'] ?? '';
  const task = { number, active: 'true', approval: 'not requested', opened_at: created, opened_by: opener };
  return table === 'incident'
    ? { ...task, state: '1', impact: '3', urgency: '3', category: 'inquiry' }
    : { ...task, state: '-5', type: 'normal', on_hold: 'false' };
}

const isOver = (state = ''): boolean => ['6', '7', '8'].includes(state);

/** What the instance fills in by itself. */
function incidentRules(before: Row, draft: Row, input: Row, author: Author): Row {
  const state = input['state'] ?? input['incident_state'] ?? draft['state'] ?? '1';
  const closed = state === '7' || state === '8';
  const at = stamp(author.now);
  return {
    ...draft,
    state,
    incident_state: state,
    priority: priority(draft, input),
    active: closed ? 'false' : 'true',
    ...(state === '6' && before['state'] !== '6' ? { resolved_at: at, resolved_by: author.user } : {}),
    ...(closed && (draft['closed_at'] ?? '') === '' ? { closed_at: at } : {}),
    ...(isOver(before['state']) && !isOver(state)
      ? { reopen_count: String(Number(before['reopen_count'] ?? '0') + 1) }
      : {}),
  };
}

/** ServiceNow derives it from impact and urgency; here one given alone is kept, so that a single curl can set it. */
function priority(draft: Row, input: Row): string {
  const derived = input['impact'] !== undefined || input['urgency'] !== undefined;
  if (!derived && draft['priority'] !== undefined) return draft['priority'];
  return String(Number(draft['impact'] ?? 3) + Number(draft['urgency'] ?? 3) - 1);
}

const closing = [
  ['close_code', 'Resolution code'],
  ['close_notes', 'Resolution notes'],
] as const;
const mandatory: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  3: [['hold_reason', 'On hold reason']],
  6: closing,
  7: closing,
};

/** The data policy: fields a state needs, judged when the state changes. */
function missingFields(before: Row, after: Row): string[] {
  if (after['state'] === before['state']) return [];
  const fields = mandatory[after['state'] ?? ''] ?? [];
  return fields.filter(([column]) => (after[column] ?? '') === '').map(([, label]) => label);
}
