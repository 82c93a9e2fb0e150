import type { Command, Reply } from '../../src/domain/commands.ts';
import { type Control, noControl } from '../../src/domain/control.ts';
import { confirmParameters, type ResolvedParameter } from '../../src/domain/parameters.ts';
import type { Person } from '../../src/domain/people.ts';
import { type LoadedRunbook, Runbook } from '../../src/domain/runbook.ts';
import type { RunView } from '../../src/domain/view.ts';
import type { Desk, Proposed, ReviewSummary, RunSummary } from '../../src/flow/desk.ts';

export const runId = '01JDESK000000000000000RUN1';
export const otherRunId = '01JDESK000000000000000RUN2';

export const recycle: LoadedRunbook = {
  hash: 'h',
  runbook: Runbook.parse({
    id: 'app-pool-recycle',
    version: '1.0.0',
    title: 'Recycle an application pool',
    summary: 'Recycles one pool.',
    owner: 'web',
    author: 'ada',
    match: { symptoms: ['503'] },
    parameters: {
      appPool: { type: 'string', title: 'Application pool', pattern: '[A-Za-z]+' },
      drainSeconds: {
        type: 'integer',
        title: 'Seconds to drain',
        min: 0,
        max: 600,
        default: 30,
        ask: 'always',
        narrow: 'lower',
      },
    },
    steps: {
      remediation: [{ id: 'recycle', title: 'Recycle', target: 'awx', job: 'recycle' }],
      verification: [{ id: 'probe', title: 'Probe', http: { url: 'https://shop.example/health' } }],
    },
    rollback: { impossible: 'a recycled pool cannot be unrecycled' },
    cooldown: '15m',
    approval: { group: 'web-approvers' },
    requesters: ['web-operators'],
    escalate: { group: 'web' },
  }),
};

export const view = (more: Partial<RunView> = {}): RunView => ({
  face: 'approval',
  pools: [],
  runId,
  code: '7K2QD',
  revision: 3,
  incident: { number: 'INC0010001', title: 'Shop answers 503', priority: '2' },
  ci: { name: 'web01', environment: 'production', environmentKnown: true },
  runbook: { id: 'app-pool-recycle', title: 'Recycle', version: '1.0.0', summary: 'Recycles one pool.' },
  requester: 'Olivia Oncall',
  reason: 'the symptom 503 fits',
  guardrails: [],
  parameters: [],
  steps: [],
  rollback: 'cannot be undone',
  approval: {
    phase: 'run',
    requirements: [{ group: 'web-approvers', needed: 1, by: [] }],
    group: 'web-approvers',
    needed: 1,
    approvers: [],
    tier: '',
    lacksSecondPerson: false,
    expiresAt: '2026-11-22T12:00:00.000Z',
  },
  changes: [],
  waiting: '',
  startedAt: '2026-11-22T11:00:00.000Z',
  updatedAt: '2026-11-22T11:00:00.000Z',
  ...more,
});

export const unresolved: readonly ResolvedParameter[] = [
  { name: 'appPool', title: 'Application pool', value: null, source: 'missing', confirm: true },
  { name: 'drainSeconds', title: 'Seconds to drain', value: 30, source: 'default', confirm: true },
];

export const berta: Person = {
  kind: 'person',
  id: 'entra-berta',
  name: 'Berta Backup',
  tenant: 'aaaaaaaa-1111-1111-1111-111111111111',
};

export type Submitted = { readonly runId: string; readonly command: Command };
/** A desk with one run. What it is asked is recorded; what it answers can be scripted. */
export type FakeDesk = Desk & {
  readonly submitted: Submitted[];
  readonly proposals: (readonly [runbook: string, incident: string, by: string])[];
  /** Answers a command; the default says yes and moves a proposal to approval when its values fit. */
  answer: (submitted: Submitted) => Promise<Reply>;
  current: RunView | undefined;
  glass: boolean;
  standing: Control;
  waiting: readonly ReviewSummary[];
  unknown: readonly RunSummary[];
  readonly continued: (readonly [run: string, by: string])[];
  next: Proposed;
  people: Record<string, Person>;
  codes: Record<string, readonly string[]>;
};

export const refusal = (
  code: Extract<Reply, { ok: false }>['refusal']['code'],
  message = 'Refused.',
): Reply => ({ ok: false, refusal: { code, message, nextAction: 'Do this instead.', fields: [] } });

export function fakeDesk(start: RunView = view()): FakeDesk {
  const desk: FakeDesk = {
    submitted: [],
    proposals: [],
    current: start,
    glass: false,
    standing: noControl,
    waiting: [],
    unknown: [],
    continued: [],
    next: { ok: true, runId: otherRunId, code: 'TWIN1', view: start },
    people: { 'berta@contoso.example': berta },
    codes: { '7K2QD': [runId], TWIN1: [runId, otherRunId] },
    answer: async ({ command }) =>
      command.name === 'confirm-parameters' ? confirm(desk, command.values) : yes,
    runbooks: () => [recycle],
    async propose(runbook, incident, by): Promise<Proposed> {
      desk.proposals.push([runbook, incident, by.id]);
      return { ok: true, runId, code: '7K2QD', view: start };
    },
    async submit(run, command) {
      const submitted = { runId: run, command };
      desk.submitted.push(submitted);
      return desk.answer(submitted);
    },
    view: async (run) => (run === runId ? desk.current : undefined),
    byCode: async (code) => desk.codes[code] ?? [],
    open: async () => [
      {
        runId,
        code: '7K2QD',
        incident: 'INC0010001',
        ci: 'web01',
        runbook: 'app-pool-recycle',
        doing: 'waits for approval',
      },
    ],
    reviews: async () => desk.waiting,
    unsettled: async () => desk.unknown,
    async continue(run, by): Promise<Proposed> {
      desk.continued.push([run, by.id]);
      return desk.next;
    },
    control: async () => desk.standing,
    findPerson: async (named) => desk.people[named],
    offers: () => ({ parameters: recycle.runbook.parameters, breakGlass: desk.glass }),
    form: async (run) =>
      run === runId && desk.current !== undefined
        ? { runId, code: '7K2QD', loaded: recycle, parameters: unresolved, view: desk.current }
        : undefined,
  };
  return desk;
}

const yes: Reply = { ok: true, changed: true };

function confirm(desk: FakeDesk, values: Record<string, string | number | boolean>): Reply {
  const confirmed = confirmParameters(recycle.runbook, unresolved, values);
  if (confirmed.ok) {
    desk.current = view();
    return yes;
  }
  const fields = [...confirmed.errors];
  return {
    ok: false,
    refusal: {
      code: 'parameters-invalid',
      message: 'Some values do not fit.',
      nextAction: 'Correct them.',
      fields,
    },
  };
}
