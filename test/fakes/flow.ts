import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ulid } from 'ulid';
import { openSqlite } from '../../src/adapters/store/open.ts';
import type { Command } from '../../src/domain/commands.ts';
import { AppError } from '../../src/domain/errors.ts';
import type { ConfigurationItem, Incident } from '../../src/domain/incident.ts';
import type { Person } from '../../src/domain/people.ts';
import { system } from '../../src/domain/people.ts';
import { openApproval, type Run } from '../../src/domain/run.ts';
import type { RunView } from '../../src/domain/view.ts';
import { handlers } from '../../src/flow/command.ts';
import type { Deps } from '../../src/flow/deps.ts';
import { loadRun } from '../../src/flow/load-run.ts';
import { openRuns } from '../../src/flow/projection.ts';
import type { AssignedTo, JobStatus, Launch } from '../../src/ports.ts';
import * as f from './domain.ts';

/** What happens outside: it outlives the process, as the real systems do. */
export type Outside = {
  /** One line for everything that left the process, in order. */
  readonly transcript: string[];
  readonly jobs: Map<string, Launch>;
  readonly notes: Map<string, string>;
  incident: Incident;
  ci: ConfigurationItem;
  owner: AssignedTo;
  /** People without a chat with the bot. */
  readonly chatless: string[];
  healthy: boolean;
  /** What every job writes. */
  log: string;
  /** How each job ends. */
  readonly results: Record<string, JobStatus['state']>;
  /** Called with the name of each call before (`before:launch`) and after it took effect (`after:launch`); may throw. */
  fault: (point: string) => void;
  /** What a call waits for before it takes effect. */
  slow: (point: string) => Promise<void>;
  now: Date;
};

export const outside = (): Outside => ({
  transcript: [],
  jobs: new Map(),
  notes: new Map(),
  incident: f.incident(),
  ci: f.ci({ environment: 'test' }),
  owner: { named: 'dana@contoso.example' },
  chatless: [],
  healthy: true,
  log: 'line 1\nline 2\n',
  results: {},
  fault: () => undefined,
  slow: async () => undefined,
  now: f.T0,
});

export class Crash extends Error {}

/** A process: the flow over a real SQLite file and a world that is written down line by line. */
export async function startProcess(world: Outside, file: string, change: Partial<Deps> = {}) {
  const store = await openSqlite(file, { now: () => world.now });
  await store.log.ready();
  const act = async <T>(point: string, effect: () => T): Promise<T> => {
    world.fault(`before:${point}`);
    await world.slow(point);
    const value = effect();
    world.fault(`after:${point}`);
    return value;
  };
  const deps: Deps = {
    sights: new Map(),
    tenant: 'tenant-1',
    catalogue: {
      runbooks: new Map([['recycle', f.runbook({ rollback: f.rollbackSteps })]]),
      policy: f.policy(),
    },
    log: {
      ...store.log,
      append: async (runId, head, events) => {
        world.fault('before:append');
        const stored = await store.log.append(runId, head, events);
        world.fault('after:append');
        return stored;
      },
    },
    state: {
      ...store.state,
      put: async (item, when) => {
        world.fault('before:put');
        const written = await store.state.put(item, when);
        world.fault('after:put');
        return written;
      },
    },
    engine: {
      start: async () => undefined,
      submit: (runId, command) => handlers(deps).command(runId, command),
      wake: async (runId) => void world.transcript.push(`wake ${runId === f.RUN ? 'run' : 'another run'}`),
      stop: async () => undefined,
    },
    itsm: itsm(world, act),
    targets: new Map([['ops', target(world, act)]]),
    probe: {
      check: (probe) =>
        act('probe', () => {
          world.transcript.push('http' in probe ? `probe ${probe.http.url}` : 'probe a metric');
          return { healthy: world.healthy, summary: world.healthy ? 'healthy' : 'still 503', checks: [] };
        }),
    },
    chat: chat(world, act),
    directory: {
      memberOf: async (id) =>
        id === 'stranger' ? [] : Object.values(f.policy().policy.groups).map((g) => g.entra),
      members: async () => ['olivia', 'arne', 'mia', 'nadia'],
      person: async (named) => ({ id: named.split('@')[0] ?? '', name: named.split('@')[0] ?? '' }),
    },
    clock: { now: () => world.now },
    ids: { ulid: () => ulid(), uuid: () => crypto.randomUUID() },
    report: () => undefined,
    ...change,
  };
  const calls = handlers(deps);
  return {
    deps,
    store,
    command: (command: Command, runId = f.RUN) => calls.command(runId, command),
    run: (runId = f.RUN): Promise<Run> => loadRun(deps, runId),
    /** Drives as the engine does, moving the clock to each time a drive asks for, until only people can go on. */
    async settle(runId = f.RUN, limit = 60): Promise<void> {
      for (let turn = 0; turn < limit; turn++) {
        const next = await calls.drive(runId);
        if (next === undefined) return;
        if (next.toISOString() === openApproval(await loadRun(deps, runId))?.expiresAt) return;
        world.now = new Date(Math.max(world.now.getTime(), next.getTime()));
      }
      throw new Error('the run never settles');
    },
    /** Starts again after a crash: everything open is driven to its end. */
    async recover(): Promise<void> {
      for (const runId of await openRuns(deps)) await this.settle(runId);
    },
  };
}
export type Process = Awaited<ReturnType<typeof startProcess>>;

type Act = <T>(point: string, effect: () => T) => Promise<T>;

const itsm = (world: Outside, act: Act): Deps['itsm'] => ({
  incident: async () => world.incident,
  ci: async () => world.ci,
  owner: async () => world.owner,
  changes: async () => [],
  relations: async () => ({ dependents: [], members: [], truncated: false }),
  majorIncidents: async () => [],
  schedule: async () => [],
  onCall: async (group) => [`${group.toLowerCase().replaceAll(' ', '-')}-on-call@contoso.example`],
  tagged: async () => ({ incidents: [] }),
  isOwnUpdate: (incident) => incident.updatedBy === 'handrail',
  update: (update) =>
    act('note', () => {
      if (world.notes.has(update.marker)) return {};
      world.notes.set(update.marker, update.workNote);
      const extra = [update.approval, update.state, update.assignmentGroup].filter(Boolean).join(' ');
      world.transcript.push(`note: ${update.workNote.split('\n')[0]}${extra ? ` [${extra}]` : ''}`);
      return {};
    }),
  attach: (file) =>
    act('attach', () => {
      if (world.notes.has(file.name)) return;
      world.notes.set(file.name, '');
      world.transcript.push('attach log');
    }),
});

const target = (world: Outside, act: Act): NonNullable<ReturnType<Deps['targets']['get']>> => {
  const status = (launch: Launch): JobStatus => ({
    externalId: launch.executionId,
    state: world.results[launch.job] ?? 'succeeded',
    detail: `${launch.job} ${world.results[launch.job] ?? 'succeeded'}`,
  });
  return {
    name: 'ops',
    idempotent: true,
    launch: (launch) =>
      act('launch', () => {
        if (!world.jobs.has(launch.executionId)) {
          world.jobs.set(launch.executionId, launch);
          world.transcript.push(`launch ${launch.job}`);
        }
        return status(launch);
      }),
    find: async (id) => {
      const launch = world.jobs.get(id);
      return launch && status(launch);
    },
    poll: (id) =>
      act('poll', () => {
        const launch = world.jobs.get(id);
        if (!launch) throw new AppError({ code: 'target-refused', message: 'no such job', fix: '' });
        return status(launch);
      }),
    cancel: async (id) => {
      const launch = world.jobs.get(id);
      if (launch) world.results[launch.job] = 'canceled';
    },
    log: async () => ({ text: world.log, truncated: false }),
  };
};

const chat = (world: Outside, act: Act): Deps['chat'] => ({
  post: (_channel, view) =>
    act('post', () => {
      world.transcript.push(`post card: ${view.face}`);
      return { conversation: 'channel;messageid=1', activity: '1' };
    }),
  update: (_ref, view: RunView) =>
    act('update', () => {
      if (view.face === 'outcome') world.transcript.push(`card: ${view.outcome?.name}`);
    }),
  reply: (_ref, text, people: readonly Person[]) =>
    act('reply', () => {
      world.transcript.push(`thread: ${text.split('.')[0]} @${people.map((one) => one.name).join(' @')}`);
    }),
  askOwner: (owner) =>
    act('ask', () => {
      if (world.chatless.includes(owner.id)) return undefined;
      world.transcript.push(`ask ${owner.name}: is it yours?`);
      return { conversation: `a:${owner.id}`, activity: '7' };
    }),
  updateOwner: ({ conversation }, view) =>
    act('update', () => {
      const end = view.outcome === undefined ? '' : `, ${view.outcome.name}`;
      world.transcript.push(`card in ${conversation}: ${view.owner?.state}${end}`);
    }),
  tell: (person, text) =>
    act('tell', () => {
      world.transcript.push(`tell ${person.name}: ${text.split('.')[0]}`);
      return true;
    }),
});

export const propose = f.command('propose', system('servicenow'), {
  incident: 'a'.repeat(32),
  runbook: 'recycle',
  reason: 'matches',
});

/** A folder that goes away with the test. */
export function tempFile(): { file: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'handrail-'));
  return { file: join(folder, 'log.db'), remove: () => rmSync(folder, { recursive: true, force: true }) };
}
