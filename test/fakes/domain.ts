import type { Command, CommandName } from '../../src/domain/commands.ts';
import { noControl } from '../../src/domain/control.ts';
import { decide } from '../../src/domain/decide.ts';
import type { Decided, Facts } from '../../src/domain/decision.ts';
import type { LogEntry, RunEvent } from '../../src/domain/events.ts';
import type { World } from '../../src/domain/facts.ts';
import type { ConfigurationItem, Incident } from '../../src/domain/incident.ts';
import { digest } from '../../src/domain/json.ts';
import type { Actor, Person } from '../../src/domain/people.ts';
import { system } from '../../src/domain/people.ts';
import { type LoadedPolicy, Policy } from '../../src/domain/policy.ts';
import { apply, newRun, type Run } from '../../src/domain/run.ts';
import { type LoadedRunbook, Runbook } from '../../src/domain/runbook.ts';

export const T0 = new Date('2026-11-22T09:00:00.000Z');
export const minutes = (n: number): Date => new Date(T0.getTime() + n * 60_000);
export const RUN = '01JD8Z6N3V6Q4W8X2Y5A7K2QDM';

export const person = (id: string, tenant = 'tenant-1'): Person => ({ kind: 'person', id, name: id, tenant });
export const olivia = person('olivia');
export const arne = person('arne');
export const mia = person('mia');
export const stranger = person('stranger');
export const ada = person('ada');
/** Whom the item is assigned to, where that matters. */
export const dana = person('dana');
const membership: Record<string, string[]> = {
  olivia: ['web-operations'],
  arne: ['web-approvers'],
  mia: ['web-approvers'],
  nadia: ['web-operations', 'web-approvers'],
  ada: ['admins'],
};

export const runbook = (change: Record<string, unknown> = {}): LoadedRunbook => {
  const file = {
    id: 'recycle',
    version: '1.0.0',
    title: 'Recycle the pool',
    summary: 'Recycles it.',
    owner: 'web-operations',
    author: 'nadia',
    match: { symptoms: ['5xx'] },
    parameters: { pool: { type: 'string', title: 'Pool', from: ['ci.u_app_pool'], pattern: '[a-z-]+' } },
    steps: {
      diagnostics: [
        { id: 'snapshot', title: 'Snapshot', target: 'ops', job: 'snapshot', with: { pool: '{pool}' } },
      ],
      remediation: [
        { id: 'recycle-pool', title: 'Recycle', target: 'ops', job: 'recycle', with: { pool: '{pool}' } },
      ],
      verification: [{ id: 'answers', title: 'Answers', http: { url: 'http://site.example/{pool}' } }],
    },
    rollback: { impossible: 'a recycled pool cannot be un-recycled' },
    cooldown: '30m',
    approval: { group: 'web-approvers', expires: '30m' },
    requesters: ['web-operations'],
    escalate: { group: 'L3' },
    resolve: { code: 'Solution provided', notes: 'Recycled.' },
    ...change,
  };
  return { runbook: Runbook.parse(file), hash: digest(file as never) };
};
/** The parameters of a runbook that asks the owner of the item. */
export const owned = {
  pool: { type: 'string', title: 'Pool', from: ['ci.u_app_pool'], pattern: '[a-z-]+' },
  owner: { type: 'owner', title: 'Owner', consequence: 'You have to sign in again.' },
};
export const rollbackSteps = { steps: [{ id: 'restore', title: 'Restore', target: 'ops', job: 'restore' }] };

/** A runbook that restarts a pool two hosts at a time. */
export const rolling = (
  servers: Record<string, unknown> = {},
  how: Record<string, unknown> = {},
  change: Record<string, unknown> = {},
): LoadedRunbook =>
  runbook({
    parameters: { servers: { type: 'list', title: 'Servers', from: ['ci.u_servers'], ...servers } },
    steps: {
      remediation: [
        {
          id: 'restart',
          title: 'Restart',
          target: 'ops',
          job: 'restart',
          with: { servers: '{servers}' },
          rolling: { over: 'servers', maxUnavailable: 2, ...how },
        },
      ],
      verification: [{ id: 'answers', title: 'Answers', http: { url: 'http://site.example/' } }],
    },
    ...change,
  });

export const policy = (change: Record<string, unknown> = {}): LoadedPolicy => {
  const file = {
    version: '1',
    groups: {
      'web-operations': { entra: '5b0f3c1e-0000-4000-8000-000000000001' },
      'web-approvers': { entra: '5b0f3c1e-0000-4000-8000-000000000002' },
    },
    channels: { default: '19:incidents@thread.tacv2' },
    changeWindowRequired: [],
    targets: { ops: { runbooks: ['recycle'] } },
    ...change,
  };
  return { policy: Policy.parse(file), hash: digest(file as never) };
};
export const autoApprove = {
  autoApprovals: [
    {
      name: 'low risk',
      runbook: 'recycle',
      environments: ['test'],
      owner: 'web',
      until: '2027-01-01T00:00:00Z',
    },
  ],
};

export const incident = (change: Partial<Incident> = {}): Incident => ({
  sysId: 'a'.repeat(32),
  number: 'INC0010023',
  shortDescription: 'Burst of 5xx on the shop',
  description: '',
  state: 'new',
  priority: '2',
  modCount: 1,
  updatedBy: 'monitoring',
  ciSysId: 'c'.repeat(32),
  assignmentGroup: 'Web Operations',
  fields: {},
  ...change,
});
export const ci = (change: Partial<ConfigurationItem> = {}): ConfigurationItem => ({
  sysId: 'c'.repeat(32),
  name: 'shop-web-01',
  class: 'cmdb_ci_app_server',
  environment: 'production',
  environmentKnown: true,
  fields: { u_app_pool: 'shop' },
  ...change,
});

const ok = <T>(value: T) => ({ ok: true, value }) as const;
/** Entra ids of the members of each group. */
const members = (group: string): string[] =>
  Object.entries(membership).flatMap(([id, groups]) => (groups.includes(group) ? [id] : []));

/** A quiet world: nothing depends on the item, nothing ran before, nobody else is at work. */
/** This runbook ran on the item before. */
export const ranAt = (at: Date): World['history'] =>
  ok([{ runId: `${RUN.slice(0, -1)}P`, runbook: 'recycle', ci: 'c'.repeat(32), incident: 'INC0010001', at }]);

export const world = (change: Partial<World> = {}): World => ({
  incident: ok(incident()),
  ci: ok(ci()),
  owner: ok({ person: dana }),
  changes: ok([]),
  relations: ok({ dependents: [], members: [], truncated: false }),
  majorIncidents: ok([]),
  schedule: ok([]),
  history: ok([]),
  lastHour: ok([]),
  holders: ok({ ci: '', runbook: [], targets: {} }),
  requesterGroups: ok(['web-operations']),
  requesterOnCall: ok(false),
  members: ok(Object.fromEntries(['web-operations', 'web-approvers'].map((name) => [name, members(name)]))),
  authors: ok(['nadia']),
  ...change,
});

/** Facts as the flow would gather them for this actor. */
export const facts = (by: Actor, change: Partial<Facts> = {}): Facts => ({
  now: T0,
  tenant: 'tenant-1',
  policy: policy(),
  runbook: runbook(),
  world: world(),
  actorGroups: ok(by.kind === 'person' ? (membership[by.id] ?? []) : []),
  standIns: ok([]),
  delegateGroups: ok([]),
  shownCard: ok(true),
  resumed: ok(undefined),
  control: ok(noControl),
  executionId: '7d2f6f0e-0000-4000-8000-000000000001',
  ...change,
});

const from = (by: Actor) => ({ by, origin: { conversation: 'conv', activity: 'act' } });
type Rest<N extends CommandName> = Omit<Extract<Command, { name: N }>, 'name' | 'by' | 'origin'>;

export const command = <N extends CommandName>(name: N, by: Actor, rest: Rest<N>): Command =>
  ({ name, ...from(by), ...rest }) as Command;

/** A plain command of each name, by somebody who would send it. */
export const anyOf: { readonly [N in CommandName]: Command } = {
  propose: command('propose', system('servicenow'), {
    incident: 'a'.repeat(32),
    runbook: 'recycle',
    reason: 'matches',
  }),
  'confirm-parameters': command('confirm-parameters', olivia, { values: { pool: 'shop' } }),
  'owner-asked': command('owner-asked', system('engine'), {
    owner: dana,
    conversation: 'a:dana',
    activity: 'card',
  }),
  'answer-ownership': command('answer-ownership', dana, { mine: true, reason: '' }),
  approve: command('approve', arne, {}),
  reject: command('reject', arne, { reason: 'wrong server' }),
  withdraw: command('withdraw', olivia, { reason: 'not needed' }),
  cancel: command('cancel', olivia, { reason: 'stop it' }),
  expire: command('expire', system('timer'), {}),
  reconsider: command('reconsider', system('servicenow'), {}),
  dispatch: command('dispatch', system('engine'), {}),
  wait: command('wait', system('engine'), { holder: 'other' }),
  advance: command('advance', system('engine'), {}),
  'step-launched': command('step-launched', system('target'), { step: 'snapshot', externalId: '1' }),
  'step-result': command('step-result', system('target'), {
    step: 'snapshot',
    result: 'succeeded',
    detail: '',
  }),
  'card-posted': command('card-posted', system('engine'), { conversation: 'conv', activity: 'card' }),
  reported: command('reported', system('engine'), { key: 'ticket:closed', note: '' }),
  narrow: command('narrow', arne, { values: { pool: 'other' } }),
  'break-glass': command('break-glass', arne, { reason: 'the shop is down' }),
  review: command('review', mia, { verdict: 'justified', note: 'it was' }),
  settle: command('settle', mia, { word: 'did-not-run', reason: 'the log of the server says so' }),
  continue: command('continue', olivia, { next: `${RUN.slice(0, -1)}N` }),
  remind: command('remind', system('timer'), {}),
  escalate: command('escalate', system('timer'), {}),
  stop: command('stop', ada, { reason: 'bad release' }),
  resume: command('resume', ada, { reason: 'fixed' }),
  delegate: command('delegate', arne, { to: mia, until: '2026-11-23T00:00:00Z', reason: 'away' }),
  'end-delegation': command('end-delegation', arne, {}),
};

/** Stores the events of a decision as the log would. */
export function store(run: Run, { by, origin }: Command, events: readonly RunEvent[], at = T0): Run {
  return events.reduce((before, event) => {
    const seq = before.entries.length + 1;
    const subject = {
      incident: 'INC0010023',
      ci: 'c'.repeat(32),
      runbook: { id: 'recycle', version: '1.0.0', hash: 'h' },
    };
    const entry: LogEntry = {
      ...event,
      event: `e${seq}`,
      at: at.toISOString(),
      actor: by,
      tenant: 'tenant-1',
      origin,
      subject,
      v: 1,
      runId: run.runId,
      seq,
      prev: '',
      hash: '',
    };
    return apply(before, entry);
  }, run);
}

export type Played = { readonly run: Run; readonly decided: Decided };

/** Decides and stores, as the session does. */
export function play(run: Run, cmd: Command, change: Partial<Facts> = {}): Played {
  const given = facts(cmd.by, change);
  const decided = decide(run, cmd, given);
  return { decided, run: store(run, cmd, decided.events, given.now) };
}

/** A run after a list of commands. */
export const after = (commands: readonly Command[], change: Partial<Facts> = {}): Run =>
  commands.reduce((run, cmd) => play(run, cmd, change).run, newRun(RUN));

export const result = (
  step: string,
  outcome: 'succeeded' | 'failed' | 'unknown' | 'not-started' | 'cancelled',
): Command => command('step-result', system('target'), { step, result: outcome, detail: `it ${outcome}` });

export const approved = [anyOf.propose, anyOf.approve];
export const diagnosing = [...approved, anyOf.dispatch];
export const remediating = [...diagnosing, result('snapshot', 'succeeded')];
export const verifying = [...remediating, result('recycle-pool', 'succeeded')];
export const succeeded = [...verifying, result('answers', 'succeeded')];

export const types = (decided: Decided): string =>
  decided.events.map((event) => event.type).join(' ') || 'nothing';
