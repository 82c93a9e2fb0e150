import { AppError } from '../../src/domain/errors.ts';
import type { LogEntry, NewEvent } from '../../src/domain/events.ts';
import type { Deps } from '../../src/flow/deps.ts';
import type { EventLog } from '../../src/ports.ts';
import * as f from '../fakes/domain.ts';
import { entraOf, type GroupName, MINUTE, policyOf, runbookOf, type Scenario } from './scenario.ts';
import { FORGED, type Situation, type Source, type Who } from './situation.ts';

/** Called with each batch of events that was stored. */
export type Watch = (stored: readonly LogEntry[]) => void;
type Hooks = { readonly watch: Watch; readonly beforeAppend?: () => Promise<void> };

/** The logs of all runs in memory, with the conditional append of the real store. */
export type Logs = Map<string, LogEntry[]>;

/** What the flow's sessions need, over a situation that can be exchanged at any time. */
export function depsFor(scenario: Scenario, logs: Logs, situation: () => Situation, hooks: Hooks): Deps {
  const reachable = (source: Source): Situation => {
    const now = situation();
    if (!now.down.includes(source)) return now;
    throw new AppError({ code: 'itsm-unreachable', message: `${source} did not answer`, fix: 'Wait.' });
  };
  const unused = (): never => {
    throw new Error('a session does not do this');
  };
  return {
    tenant: 'tenant-1',
    get catalogue() {
      const runbooks = new Map([['recycle', runbookFor(scenario, situation().edition)]]);
      return { runbooks, policy: policyFor(scenario) };
    },
    sights: new Map(),
    log: memoryLog(logs, reachable, hooks),
    state: {
      get: async (_pk, id) => {
        reachable('cards');
        return id === FORGED
          ? undefined
          : { item: { pk: '', id, kind: 'card', k: id, body: null }, etag: '1' };
      },
      list: async () => ({ items: [] }),
      // the entry of a run that comes back to the list for a late review
      put: async () => ({ ok: true, etag: '1' }),
      remove: unused,
    },
    engine: { start: unused, submit: unused, wake: unused, stop: unused },
    itsm: {
      incident: async () => incidentNow(reachable('incident')),
      ci: async (sysId) => itemNow(reachable('ci'), sysId),
      owner: async () => ({ nobody: 'nobody' }),
      changes: async () => changesNow(reachable('changes')),
      relations: async () => ({ dependents: [], members: [], truncated: false }),
      majorIncidents: async () => [],
      schedule: async () => [],
      onCall: async () => [],
      update: unused,
      attach: unused,
      tagged: unused,
      isOwnUpdate: () => false,
    },
    targets: new Map(),
    probe: { check: unused },
    chat: {
      post: unused,
      update: unused,
      reply: unused,
      askOwner: unused,
      updateOwner: unused,
      tell: unused,
    },
    directory: {
      memberOf: async (id) => groupsOf(reachable('groups'), id).map(entraOf),
      members: async (id) => membersOf(reachable('groups'), id),
      person: async (named) => {
        reachable('people');
        return { id: named, name: named };
      },
    },
    clock: { now: () => new Date(situation().now) },
    ids: { ulid: () => `event-${++made}`, uuid: () => `execution-${++made}` },
    report: () => undefined,
  };
}

let made = 0;

const groupsOf = ({ groups }: Situation, id: string): readonly GroupName[] =>
  id in groups ? groups[id as Who] : [];
const membersOf = ({ groups }: Situation, entra: string): string[] =>
  Object.entries(groups).flatMap(([id, of]) => (of.some((name) => entraOf(name) === entra) ? [id] : []));

const incidentNow = ({ incident, names }: Situation) =>
  f.incident({
    state: incident === 'resolved' ? 'resolved' : 'new',
    ciSysId: (names === 'other' ? 'd' : 'c').repeat(32),
  });
const itemNow = ({ environment, pool }: Situation, sysId: string) =>
  f.ci({ sysId, environment, fields: pool === '' ? {} : { u_app_pool: pool } });
const changesNow = ({ change, now }: Situation) =>
  change
    ? [
        {
          number: 'CHG1',
          state: 'scheduled' as const,
          approved: true,
          onHold: false,
          start: new Date(now - MINUTE).toISOString(),
          end: new Date(now + MINUTE).toISOString(),
        },
      ]
    : [];

function memoryLog(logs: Logs, reachable: (source: Source) => Situation, hooks: Hooks): EventLog {
  return {
    ready: async () => undefined,
    close: async () => undefined,
    read: async (runId) => {
      if (runId === CONTROL_STREAM) reachable('control');
      return [...(logs.get(runId) ?? [])];
    },
    find: async ({ where }) => {
      const { ranAt } = reachable('history');
      return where.type === 'step-started' && ranAt !== undefined ? [claimAt(ranAt)] : [];
    },
    append: async (runId, head, events) => {
      await hooks.beforeAppend?.();
      const log = logs.get(runId) ?? [];
      if (log.at(-1)?.event !== head?.event) return { ok: false, why: 'conflict' };
      const stored = events.map((event, n) => entry(runId, log.length + n + 1, event));
      logs.set(runId, [...log, ...stored]);
      hooks.watch(stored);
      return { ok: true, entries: stored };
    },
  };
}
const CONTROL_STREAM = '0'.repeat(26);

// nothing here is kept or handed on, so the chain is left out
const entry = (runId: string, seq: number, event: NewEvent): LogEntry => ({
  ...event,
  v: 1,
  runId,
  seq,
  prev: '',
  hash: '',
});

const claimAt = (at: number): LogEntry =>
  entry('01JD8Z6N3V6Q4W8X2Y5A7K2QDP', 1, {
    type: 'step-started',
    data: {
      step: 'recycle-pool',
      phase: 'remediation',
      executionId: 'x',
      deadline: new Date(at).toISOString(),
    },
    event: 'other',
    at: new Date(at).toISOString(),
    actor: { kind: 'system', name: 'engine' },
    tenant: 'tenant-1',
    origin: { conversation: '', activity: '' },
    subject: {
      incident: 'INC0010001',
      ci: 'c'.repeat(32),
      runbook: { id: 'recycle', version: '1.0.0', hash: 'h' },
    },
  });

/** Parsing is the slow part, and scenarios are values. */
const remembered = <T>(make: (scenario: Scenario, edition: 1 | 2) => T) => {
  const known = new Map<string, T>();
  return (scenario: Scenario, edition: 1 | 2 = 1): T => {
    const key = JSON.stringify([scenario, edition]);
    const found = known.get(key) ?? make(scenario, edition);
    if (known.size > 64) known.clear();
    known.set(key, found);
    return found;
  };
};
const runbookFor = remembered(runbookOf);
const policyFor = remembered((scenario) => policyOf(scenario));
