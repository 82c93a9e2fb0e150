import { type Approval, type Glass, isApproved, rejectionIn, ruledBy, type Vote } from './approval.ts';
import { type Control, controlled, noControl } from './control.ts';
import type { EventData, Evidence, LogEntry } from './events.ts';
import { asked, broken, changeApproval, voted } from './fold-approval.ts';
import { type Ownership, ownershipAfter } from './ownership.ts';
import type { ResolvedParameter } from './parameters.ts';
import { type Actor, type Person, withPerson } from './people.ts';
import type { Phase } from './plan.ts';
import { endIn, type HostResult, type StepResult } from './step-end.ts';

export const runStates = [
  'new',
  'awaiting-parameters',
  'awaiting-approval',
  'approved',
  'diagnosing',
  'remediating',
  'verifying',
  'awaiting-rollback',
  'rolling-back',
  'closed',
] as const;
export type RunState = (typeof runStates)[number];

export type StepRecord = {
  readonly id: string;
  readonly phase: Phase;
  readonly executionId: string;
  readonly startedAt: string;
  readonly deadline: string;
  readonly externalId?: string;
  readonly result?: StepResult;
  readonly detail: string;
  readonly evidence?: Evidence;
  /** How it ended on each host, for a batch of a pool. */
  readonly hosts?: readonly HostResult[];
};

type Said = { readonly by: Actor; readonly at: string };

/** A run: nothing but the fold of its events (invariant 1). */
export type Run = {
  readonly runId: string;
  readonly entries: readonly LogEntry[];
  readonly proposal?: EventData<'run-proposed'>;
  readonly evaluations: Readonly<Record<string, EventData<'guardrails-evaluated'>>>;
  readonly parameters: readonly ResolvedParameter[];
  /** Everybody who has confirmed or entered values, each once, in the order of their first time. */
  readonly confirmers: readonly Person[];
  readonly ownership?: Ownership;
  readonly approval?: Approval;
  /** The approval of the rollback, where it needs its own. */
  readonly rollback?: Approval;
  readonly waitsFor?: string;
  /** Approved, but a guardrail said not now. */
  readonly postponed?: EventData<'dispatch-postponed'>;
  readonly steps: readonly StepRecord[];
  readonly cancel?: { readonly by: Actor; readonly reason: string };
  readonly closed?: EventData<'run-closed'> & { readonly at: string };
  readonly card?: { readonly conversation: string; readonly activity: string };
  /** The last glass that was broken; it has to be reviewed even when its plan was never run. */
  readonly glass?: Glass;
  readonly review?: EventData<'run-reviewed'> & Said;
  readonly overdue: boolean;
  /** What somebody said, after its end, about the step whose outcome is unknown. */
  readonly word?: EventData<'outcome-settled'> & Said;
  /** The run that does what was left of this one. */
  readonly continued?: EventData<'run-continued'> & Said;
  /** Only in the control stream. */
  readonly control?: Control;
  readonly reported: Readonly<Record<string, string>>;
};

export const newRun = (runId: string): Run => ({
  runId,
  entries: [],
  evaluations: {},
  parameters: [],
  steps: [],
  reported: {},
  confirmers: [],
  overdue: false,
});

/** Replays events. The same events always give the same run. */
export const fold = (runId: string, entries: readonly LogEntry[]): Run =>
  entries.reduce(apply, newRun(runId));

/** One event on. Exhaustive over the event types: a new type does not compile until it is placed here. */
export function apply(before: Run, entry: LogEntry): Run {
  const run: Run = { ...before, entries: [...before.entries, entry] };
  switch (entry.type) {
    case 'run-proposed':
      return { ...run, proposal: entry.data, parameters: entry.data.parameters };
    case 'guardrails-evaluated':
      return { ...run, evaluations: { ...run.evaluations, [entry.data.stage]: entry.data } };
    case 'parameters-confirmed':
      return { ...valued(run, entry), confirmers: withPerson(run.confirmers, entry.actor) };
    case 'parameters-resolved':
    case 'parameters-narrowed':
      return valued(run, entry);
    case 'owner-asked':
    case 'ownership-answered':
      return owned(run, entry);
    case 'approval-requested':
      return asked(run, entry);
    case 'auto-approved':
      return { ...run, approval: ruledBy(entry.data, entry.at) };
    case 'vote-cast':
      return voted(run, entry);
    case 'approval-reminded':
      return changeApproval(run, entry.data.revision, () => ({ reminded: entry.data.count }));
    case 'approval-escalated':
      return changeApproval(run, entry.data.revision, () => ({ escalated: entry.data.group }));
    case 'glass-broken':
      return broken(run, entry);
    case 'review-overdue':
      return { ...run, overdue: true };
    case 'run-reviewed':
      return { ...run, review: { ...entry.data, by: entry.actor, at: entry.at } };
    case 'dispatch-postponed':
      return postponedTo(run, entry.data);
    case 'dispatch-stopped':
    case 'dispatch-resumed':
    case 'vote-delegated':
    case 'delegation-ended':
      return { ...run, control: controlled(run.control ?? noControl, entry) };
    case 'dispatch-waiting':
      return { ...run, waitsFor: entry.data.holder };
    case 'step-started':
      return started(run, entry);
    case 'step-launched':
      return changeStep(run, entry.data.step, { externalId: entry.data.externalId });
    case 'step-finished':
      return changeStep(run, entry.data.step, endIn(entry.data));
    case 'cancel-requested':
      return { ...run, cancel: { by: entry.actor, reason: entry.data.reason } };
    case 'run-closed':
      return { ...run, closed: { ...entry.data, at: entry.at } };
    case 'outcome-settled':
      return { ...run, word: { ...entry.data, by: entry.actor, at: entry.at } };
    case 'run-continued':
      return { ...run, continued: { ...entry.data, by: entry.actor, at: entry.at } };
    case 'card-posted':
      return { ...run, card: entry.data };
    case 'reported':
      return { ...run, reported: { ...run.reported, [entry.data.key]: entry.data.note } };
    case 'command-refused':
    case 'incident-changed':
      return run;
  }
}

function owned(run: Run, entry: Extract<LogEntry, { type: 'owner-asked' | 'ownership-answered' }>): Run {
  const ownership = ownershipAfter(run.ownership, entry);
  return entry.type === 'owner-asked' ? { ...run, ownership } : { ...valued(run, entry), ownership };
}

const valued = (run: Run, { data }: { readonly data: Pick<Run, 'parameters'> }): Run => ({
  ...run,
  parameters: data.parameters,
});

/** Places were given back: it waits for no run any more. */
function postponedTo(run: Run, postponed: EventData<'dispatch-postponed'>): Run {
  const { waitsFor: _over, ...rest } = run;
  return { ...rest, postponed };
}

function started(run: Run, entry: Extract<LogEntry, { type: 'step-started' }>): Run {
  const { step, phase, executionId, deadline } = entry.data;
  const { waitsFor: _over, postponed: _then, ...rest } = run;
  return {
    ...rest,
    steps: [...run.steps, { id: step, phase, executionId, deadline, startedAt: entry.at, detail: '' }],
  };
}

const changeStep = (run: Run, id: string, change: Partial<StepRecord>): Run => ({
  ...run,
  steps: run.steps.map((step) => (step.id === id ? { ...step, ...change } : step)),
});

const phaseStates: Readonly<Record<Phase, RunState>> = {
  diagnostics: 'diagnosing',
  remediation: 'remediating',
  verification: 'verifying',
  rollback: 'rolling-back',
};

export function stateOf(run: Run): RunState {
  if (run.closed) return 'closed';
  const requester = requesterOf(run);
  if (run.rollback && !isApproved(run.rollback, requester)) return 'awaiting-rollback';
  const last = run.steps.at(-1);
  if (last) return phaseStates[last.phase];
  if (isApproved(run.approval, requester)) return 'approved';
  if (run.approval) return 'awaiting-approval';
  return run.proposal ? 'awaiting-parameters' : 'new';
}

/** The approval that people are asked for now. */
export const openApproval = (run: Run): Approval | undefined => {
  const state = stateOf(run);
  if (state === 'awaiting-rollback') return run.rollback;
  return state === 'awaiting-approval' ? run.approval : undefined;
};

/** The rejection that ends the run, or that leaves the change as it is; when it is stored, nothing else counts. */
export const rejectionOf = (run: Run): Vote | undefined =>
  rejectionIn(run.rollback) ?? rejectionIn(run.approval);

/** Its end is decided, but the closing event is not stored yet: the process died between the two. */
export const isEnding = (run: Run): boolean =>
  run.closed === undefined &&
  (rejectionOf(run) !== undefined || (run.cancel !== undefined && run.steps.length === 0));

/** Somebody broke the glass, and nobody has reviewed it yet. */
export const awaitsReview = (run: Run): boolean => run.glass !== undefined && run.review === undefined;

/** Nobody has said yet whether the step with the unknown outcome ran. */
export const awaitsWord = ({ closed, word }: Run): boolean =>
  closed?.outcome === 'outcome unknown' && word === undefined;

/** The step that was claimed and has not ended. There is never more than one. */
export const currentStep = (run: Run): StepRecord | undefined =>
  run.steps.find((step) => step.result === undefined);

/** Who asked for this run: the person who asked or confirmed it, else the system that raised it. */
export function requesterOf(run: Run): Actor | undefined {
  const requester = run.proposal?.requester;
  return requester?.kind === 'person' ? requester : (run.confirmers[0] ?? requester);
}

/** The short code people type: the random end of the ULID, unambiguous letters only. */
export const codeOf = (runId: string): string => runId.slice(-5);
