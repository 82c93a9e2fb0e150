import { belongs } from './dictionary.ts';
import { select } from './query.ts';
import { type Row, rowIn, rowsOf, type State } from './state.ts';

/** From `start` to before `end`, in milliseconds since 1970. */
export type Span = { readonly start: number; readonly end: number };

/**
 * When nothing keeps a change of the item from being planned: within every maintenance schedule that applies to it (always
 * when none does), outside blackouts, and outside changes that are planned already. Entries do not repeat here.
 */
export function freeTimes(state: State, item: Row, range: Span): Span[] {
  return [...blackouts(state, item), ...plannedChanges(state, item)]
    .reduce<readonly Span[]>(
      (free, off) => free.flatMap((span) => cut(span, off)),
      maintained(state, item, range),
    )
    .toSorted((a, b) => a.start - b.start);
}

/** What of a range lies within every maintenance schedule of the item; all of it when there is none. */
export function maintained(state: State, item: Row, range: Span): readonly Span[] {
  const own = state.tables['cmn_schedule']?.[item['maintenance_schedule'] ?? ''];
  return [...applying(state, 'cmn_schedule_maintenance', item), ...(own === undefined ? [] : [own])].reduce<
    readonly Span[]
  >((free, schedule) => free.flatMap((span) => common(span, entriesOf(state, schedule))), [range]);
}

/** The blackouts that apply to the item. */
export const blackouts = (state: State, item: Row): Span[] =>
  applying(state, 'cmn_schedule_blackout', item).flatMap((schedule) => entriesOf(state, schedule));

/** Schedules whose class and condition fit the item; one without a class is for none. */
const applying = (state: State, table: string, item: Row): Row[] =>
  rowsOf(state, table).filter((schedule) => {
    const applies = schedule['applies_to'] ?? '';
    if (applies === '' || !belongs(item['sys_class_name'] ?? 'cmdb_ci', applies)) return false;
    return select(state, applies, [item], schedule['condition'] ?? '').length > 0;
  });

/** `20261122T100000Z`, as cmn_schedule_span keeps times. */
function timeOf(text: string): number {
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z?$/.exec(text) ?? [];
  return Date.parse(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`);
}

const entriesOf = (state: State, schedule: Row): Span[] =>
  rowsOf(state, 'cmn_schedule_span')
    .filter((entry) => entry['schedule'] === schedule['sys_id'])
    .map((entry) => ({
      start: timeOf(entry['start_date_time'] ?? ''),
      end: timeOf(entry['end_date_time'] ?? ''),
    }))
    .filter(({ start, end }) => start < end);

const plannedChanges = (state: State, item: Row): Span[] =>
  changesOf(state, item)
    .map(plannedTime)
    .filter(({ start, end }) => start < end);

/** Active changes of the item: those that name it first, and those that list it among their affected items. */
export const changesOf = (state: State, item: Row): Row[] =>
  rowsOf(state, 'change_request').filter(
    (change) =>
      change['active'] !== 'false' && itemsOf(state, change).some((one) => one['sys_id'] === item['sys_id']),
  );

/** The items of a change: the one it names first, and its affected ones. */
export function itemsOf(state: State, change: Row): Row[] {
  const affected = rowsOf(state, 'task_ci').filter((link) => link['task'] === change['sys_id']);
  const named = [change['cmdb_ci'] ?? '', ...affected.map((link) => link['ci_item'] ?? '')];
  return [...new Set(named)]
    .map((sysId) => rowIn(state, 'cmdb_ci', sysId))
    .filter((item) => item !== undefined);
}

/** Not a span when the change is not planned yet: its times are then NaN. */
export const plannedTime = (change: Row): Span => ({
  start: Date.parse(`${(change['start_date'] ?? '').replace(' ', 'T')}Z`),
  end: Date.parse(`${(change['end_date'] ?? '').replace(' ', 'T')}Z`),
});

const common = (span: Span, entries: readonly Span[]): Span[] =>
  entries
    .map((entry) => ({ start: Math.max(span.start, entry.start), end: Math.min(span.end, entry.end) }))
    .filter(({ start, end }) => start < end);

const cut = (span: Span, off: Span): Span[] =>
  [
    { start: span.start, end: Math.min(span.end, off.start) },
    { start: Math.max(span.start, off.end), end: span.end },
  ].filter(({ start, end }) => start < end);
