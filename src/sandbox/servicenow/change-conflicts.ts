import { blackouts, changesOf, itemsOf, maintained, plannedTime, type Span } from './free-times.ts';
import { type Answer, type Asked, failure, json, noRecord } from './http.ts';
import { displayName } from './present.ts';
import { type Row, type State, stamp } from './state.ts';

type Conflict = { readonly type: string; readonly with: string };
type Check = { readonly at: Date; readonly conflicts: readonly Conflict[] };

const route = /^\/api\/sn_chg_rest\/(?:v\d\/)?change\/([^/]+)\/conflict$/;
const kinds: Readonly<Record<string, string>> = {
  blackout: 'Blackout',
  not_in_maintenance_window: 'Not in maintenance window',
  ci_already_scheduled: 'CI already scheduled',
};

/**
 * The conflict check of a change: POST starts it, GET shows what the last one found, DELETE takes it away. As in the real
 * one, `status` reads "Conflict" whatever was found; only `conflicts` counts. Undefined for other paths.
 */
export function changeConflicts(world: { readonly state: State; now(): Date }) {
  const checks = new Map<string, Check>();
  const answers: Readonly<Record<string, (sysId: string, change: Row) => Answer>> = {
    GET: (sysId, change) => shown(change, checks.get(sysId)),
    POST: (sysId, change) => {
      checks.set(sysId, { at: world.now(), conflicts: conflictsOf(world.state, change) });
      return shown(change, checks.get(sysId));
    },
    DELETE: (sysId) => {
      checks.delete(sysId);
      return { status: 200 };
    },
  };
  return (asked: Asked): Answer | undefined => {
    const [, sysId] = route.exec(asked.path) ?? [];
    if (sysId === undefined) return undefined;
    const change = world.state.tables['change_request']?.[sysId];
    if (change === undefined) return noRecord();
    return answers[asked.method]?.(sysId, change) ?? failure(405, 'Method not allowed');
  };
}

function shown(change: Row, check: Check | undefined): Answer {
  const cell = (value: string, display_value = value) => ({ value, display_value });
  const found = check?.conflicts ?? [];
  return json(200, {
    result: {
      status: cell('Conflict'),
      last_run: cell(check === undefined ? '' : stamp(check.at)),
      record_count: String(found.length),
      job_status: cell(check === undefined ? '' : 'complete'),
      conflicts: found.map(({ type, with: other }) => ({
        change: cell(change['sys_id'] ?? '', displayName(change)),
        type: cell(type, kinds[type]),
        schedule: cell(other),
      })),
    },
  });
}

/** What is in the way of the planned time, on any of its items. */
function conflictsOf(state: State, change: Row): Conflict[] {
  const planned = plannedTime(change);
  if (!(planned.start < planned.end)) return [];
  return itemsOf(state, change).flatMap((item) => conflictsOn(state, item, change, planned));
}

function conflictsOn(state: State, item: Row, change: Row, planned: Span): Conflict[] {
  const allowed = maintained(state, item, planned).some(
    ({ start, end }) => start <= planned.start && planned.end <= end,
  );
  const others = changesOf(state, item).filter((other) => other['sys_id'] !== change['sys_id']);
  return [
    ...(allowed ? [] : [{ type: 'not_in_maintenance_window', with: '' }]),
    ...blackouts(state, item).flatMap((span) =>
      meet(span, planned) ? [{ type: 'blackout', with: '' }] : [],
    ),
    ...others.flatMap((other) =>
      meet(plannedTime(other), planned)
        ? [{ type: 'ci_already_scheduled', with: other['number'] ?? '' }]
        : [],
    ),
  ];
}

const meet = (a: Span, b: Span): boolean => a.start < b.end && b.start < a.end;
