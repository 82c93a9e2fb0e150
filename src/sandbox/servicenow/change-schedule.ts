import { freeTimes, type Span } from './free-times.ts';
import { type Answer, type Asked, failure, json } from './http.ts';
import { newSysId, type State, stamp } from './state.ts';

/** A worker the instance keeps in memory. */
type Worker = {
  readonly request: string;
  readonly slots: readonly Span[];
  polls: number;
};

const days = 90;
/** change.conflict.next_available.choice_limit */
const choices = 30;
const states = ['', 'Waiting', 'In-Progress', 'Complete', 'Error'];

const start = /^\/api\/sn_chg_rest\/(?:v\d\/)?change\/ci\/([^/]+)\/schedule$/;
const poll = /^\/api\/sn_chg_rest\/(?:v\d\/)?change\/worker\/([^/]+)$/;

/**
 * When a change of an item may be planned: `GET /api/sn_chg_rest/change/ci/{ci}/schedule` starts a worker, `GET
 * .../change/worker/{id}` shows it. It is in progress at the first look and complete at the second. Undefined for other paths.
 */
export function changeSchedule(world: { readonly state: State; now(): Date }) {
  const workers = new Map<string, Worker>();

  const begin = (asked: Asked, ci: string): Answer => {
    const seconds = Number(asked.query.get('duration_in_seconds') ?? '');
    const planned = asked.query.get('planned_start_time') ?? '';
    const item = world.state.tables['cmdb_ci']?.[ci];
    if (item === undefined) return failure(400, 'Bad Request', `cmdb_ci ${ci} was not found`);
    if (!Number.isInteger(seconds) || seconds <= 0)
      return failure(400, 'Bad Request', 'Invalid duration_in_seconds');
    const from = planned === '' ? world.now().getTime() : Date.parse(`${planned.replace(' ', 'T')}Z`);
    if (Number.isNaN(from)) return failure(400, 'Bad Request', 'Invalid planned_start_time');
    const sysId = newSysId();
    const request = {
      cmdb_ci_sys_id: ci,
      planned_start_time: planned,
      duration_in_seconds: seconds,
      timezone: 'UTC',
    };
    const range = { start: from, end: from + seconds * 1_000 + days * 86_400_000 };
    const worker = {
      request: JSON.stringify(request),
      slots: slotsOf(freeTimes(world.state, item, range), seconds * 1_000),
      polls: 0,
    };
    workers.set(sysId, worker);
    return shown(202, asked, sysId, worker, 1);
  };

  const look = (asked: Asked, id: string): Answer => {
    const worker = workers.get(id);
    if (worker === undefined) return failure(404, 'No Record found', `worker ${id} was not found`);
    worker.polls += 1;
    return shown(200, asked, id, worker, worker.polls < 2 ? 2 : 3);
  };

  return (asked: Asked): Answer | undefined => {
    const [, ci] = start.exec(asked.path) ?? [];
    const [, id] = poll.exec(asked.path) ?? [];
    if (ci === undefined && id === undefined) return undefined;
    if (asked.method !== 'GET') return failure(405, 'Method not allowed');
    return ci === undefined ? look(asked, id ?? '') : begin(asked, ci);
  };
}

/** Back to back, each of the length asked for; what is left over at the end of a free time is not offered. */
function slotsOf(free: readonly Span[], lengthMs: number): Span[] {
  const slots: Span[] = [];
  for (const span of free)
    for (let at = span.start; at + lengthMs <= span.end && slots.length < choices; at += lengthMs)
      slots.push({ start: at, end: at + lengthMs });
  return slots;
}

const moment = (at: number) => {
  const value = stamp(new Date(at));
  return { value, display_value: value };
};

function shown(status: number, asked: Asked, sysId: string, worker: Worker, state: 1 | 2 | 3): Answer {
  const none = state === 3 && worker.slots.length === 0;
  const spans = worker.slots.map((slot) => ({ start: moment(slot.start), end: moment(slot.end) }));
  return json(status, {
    result: {
      worker: { sysId, link: `${asked.url}/api/sn_chg_rest/change/worker/${sysId}` },
      request: worker.request,
      state: { value: state, display_value: states[state] },
      type: 'schedule',
      messages: {
        errorMessages: [],
        warningMessages: [],
        infoMessages: none ? ['Reason: Unable to find availability with this criteria'] : [],
      },
      ...(state === 3 && !none ? { payload: { spans } } : {}),
    },
  });
}
