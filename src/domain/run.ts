import type { EventData, Evidence, LogEntry, StepResult } from './events.ts';
import type { ResolvedParameter } from './parameters.ts';
import type { Actor, Person } from './people.ts';
import type { Phase, Plan } from './plan.ts';

export const runStates = [
  'new',
  'awaiting-parameters',
  'awaiting-approval',
  'approved',
  'diagnosing',
  'remediating',
  'verifying',
  'rolling-back',
  'closed',
] as const;
export type RunState = (typeof runStates)[number];

export type Vote = {
  readonly by: Actor;
  readonly verb: 'approve' | 'reject';
  readonly revision: number;
  readonly reason: string;
  readonly at: string;
};

export type Approval = {
  readonly plan: Plan;
  readonly digest: string;
  readonly revision: number;
  readonly group: string;
  readonly quorum: number;
  readonly expiresAt: string;
  readonly changes: readonly string[];
  /** Votes for this revision; a new plan starts with none. */
  readonly votes: readonly Vote[];
  /** The policy rule that approved it instead of people. */
  readonly rule?: string;
};

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
};

/** A run: nothing but the fold of its events (invariant 1). */
export type Run = {
  readonly runId: string;
  readonly entries: readonly LogEntry[];
  readonly proposal?: EventData<'run-proposed'>;
  readonly evaluations: Readonly<Record<string, EventData<'guardrails-evaluated'>>>;
  readonly parameters: readonly ResolvedParameter[];
  readonly confirmedBy?: Person;
  readonly approval?: Approval;
  readonly waitsFor?: string;
  readonly steps: readonly StepRecord[];
  readonly cancel?: { readonly by: Actor; readonly reason: string };
  readonly closed?: EventData<'run-closed'> & { readonly at: string };
  readonly card?: { readonly conversation: string; readonly activity: string };
  readonly reported: Readonly<Record<string, string>>;
};

export const newRun = (runId: string): Run => ({
  runId,
  entries: [],
  evaluations: {},
  parameters: [],
  steps: [],
  reported: {},
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
      return {
        ...run,
        parameters: entry.data.parameters,
        ...(entry.actor.kind === 'person' ? { confirmedBy: entry.actor } : {}),
      };
    case 'parameters-resolved':
      return { ...run, parameters: entry.data.parameters };
    case 'approval-requested': {
      const { waitsFor: _over, ...rest } = run;
      return { ...rest, approval: { ...entry.data, votes: [] } };
    }
    case 'auto-approved':
      return { ...run, approval: autoApproval(entry.data) };
    case 'vote-cast':
      return voted(run, entry);
    case 'dispatch-waiting':
      return { ...run, waitsFor: entry.data.holder };
    case 'step-started':
      return started(run, entry);
    case 'step-launched':
      return changeStep(run, entry.data.step, { externalId: entry.data.externalId });
    case 'step-finished': {
      const { step, result, detail, evidence } = entry.data;
      return changeStep(run, step, { result, detail, ...(evidence ? { evidence } : {}) });
    }
    case 'cancel-requested':
      return { ...run, cancel: { by: entry.actor, reason: entry.data.reason } };
    case 'run-closed':
      return { ...run, closed: { ...entry.data, at: entry.at } };
    case 'card-posted':
      return { ...run, card: entry.data };
    case 'reported':
      return { ...run, reported: { ...run.reported, [entry.data.key]: entry.data.note } };
    case 'command-refused':
      return run;
  }
}

function autoApproval({ plan, digest, revision, rule, until }: EventData<'auto-approved'>): Approval {
  return { plan, digest, revision, rule, group: rule, quorum: 0, expiresAt: until, changes: [], votes: [] };
}

function voted(run: Run, { actor: by, at, data }: Extract<LogEntry, { type: 'vote-cast' }>): Run {
  if (run.approval === undefined || run.approval.revision !== data.revision) return run;
  const vote = { by, at, verb: data.verb, revision: data.revision, reason: data.reason };
  return { ...run, approval: { ...run.approval, votes: [...run.approval.votes, vote] } };
}

function started(run: Run, entry: Extract<LogEntry, { type: 'step-started' }>): Run {
  const { step, phase, executionId, deadline } = entry.data;
  const { waitsFor: _over, ...rest } = run;
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

/** Distinct people who approved the current plan, or a policy rule instead of them (invariant 7). */
export function isApproved(approval: Approval | undefined): boolean {
  if (approval === undefined) return false;
  if (approval.rule !== undefined) return true;
  return approversOf(approval).length >= approval.quorum;
}

/** The people who approved the current plan, each once. */
export function approversOf(approval: Approval): Person[] {
  const people = new Map<string, Person>();
  for (const { by, verb } of approval.votes)
    if (verb === 'approve' && by.kind === 'person') people.set(by.id, by);
  return [...people.values()];
}

export function stateOf(run: Run): RunState {
  if (run.closed) return 'closed';
  const last = run.steps.at(-1);
  if (last) return phaseStates[last.phase];
  if (isApproved(run.approval)) return 'approved';
  if (run.approval) return 'awaiting-approval';
  return run.proposal ? 'awaiting-parameters' : 'new';
}

/** The rejection that ends the run; when it is stored, nothing else counts. */
export const rejectionOf = (run: Run): Vote | undefined =>
  run.approval?.votes.find((vote) => vote.verb === 'reject');

/** Its end is decided, but the closing event is not stored yet: the process died between the two. */
export const isEnding = (run: Run): boolean =>
  run.closed === undefined &&
  (rejectionOf(run) !== undefined || (run.cancel !== undefined && run.steps.length === 0));

/** The step that was claimed and has not ended. There is never more than one. */
export const currentStep = (run: Run): StepRecord | undefined =>
  run.steps.find((step) => step.result === undefined);

/** Who asked for this run: the person who asked or confirmed it, else the system that raised it. */
export function requesterOf(run: Run): Actor | undefined {
  const requester = run.proposal?.requester;
  return requester?.kind === 'person' ? requester : (run.confirmedBy ?? requester);
}

/** The short code people type: the random end of the ULID, unambiguous letters only. */
export const codeOf = (runId: string): string => runId.slice(-5);

const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** When a run id was made: the first ten characters of a ULID are its time in milliseconds (github.com/ulid/spec). */
export const startOf = (runId: string): Date =>
  new Date(
    [...runId.slice(0, 10)].reduce((ms, letter) => ms * 32 + Math.max(0, crockford.indexOf(letter)), 0),
  );
