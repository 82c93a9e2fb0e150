import { z } from 'zod';
import { OutcomeSettled, Resumes, RunContinued } from './after-end.ts';
import { Effect, GuardrailLine } from './guardrail-line.ts';
import { ConfigurationItem, Incident } from './incident.ts';
import { ResolvedParameter } from './parameters.ts';
import { Actor, Origin, Person } from './people.ts';
import { Plan, phases } from './plan.ts';
import { HostResult, stepResults } from './step-end.ts';
import { WeighedSuggestion } from './suggestion.ts';

import { valueEvents } from './value-events.ts';

export const outcomes = [
  'succeeded',
  'rejected',
  'expired',
  'withdrawn',
  'cancelled',
  'denied',
  'remediation failed',
  'verification failed',
  'rolled back',
  'rollback failed',
  'automation failed',
  'outcome unknown',
  'not confirmed',
] as const;
export type Outcome = (typeof outcomes)[number];

/** What is kept of a step's log: its hash and size here, its text beside the log under `ref`. */
export const Evidence = z.strictObject({
  sha256: z.string(),
  bytes: z.number().int().nonnegative(),
  truncated: z.boolean(),
  ref: z.string(),
  /** The last lines, for the card. */
  tail: z.string(),
});
export type Evidence = z.infer<typeof Evidence>;

/** How a service was before the run, as the verification saw it then. */
export const Baseline = z.strictObject({ summary: z.string(), evidence: Evidence });
export type Baseline = z.infer<typeof Baseline>;

/** A file a job left behind, kept like a log, but under its hash. */
export const KeptFile = z.strictObject({
  name: z.string(),
  /** Media type. */
  type: z.string(),
  sha256: z.string(),
  bytes: z.number().int().nonnegative(),
  truncated: z.boolean(),
  ref: z.string(),
});
export type KeptFile = z.infer<typeof KeptFile>;

const planned = { plan: Plan, digest: z.string(), revision: z.number().int().positive() };

/** So many different people of a group; `of` is how many could vote when it was asked for. */
export const Needed = z.strictObject({
  group: z.string(),
  needed: z.number().int().positive(),
  of: z.number().int().nonnegative().optional(),
});
export type Needed = z.infer<typeof Needed>;

/** The data of each event type. Types are append-only: old runs keep theirs for ever. */
export const eventData = {
  'run-proposed': z.strictObject({
    incident: Incident,
    ci: ConfigurationItem,
    runbook: z.strictObject({
      id: z.string(),
      version: z.string(),
      hash: z.string(),
      title: z.string(),
      summary: z.string(),
    }),
    requester: Actor,
    /** Why this runbook was proposed for this incident. */
    reason: z.string(),
    /** What an AI triage said about this incident: shown, never obeyed. */
    suggestion: WeighedSuggestion.optional(),
    parameters: z.array(ResolvedParameter),
    channel: z.string(),
    /** When the proposal lapses if nobody confirms its parameters. */
    expiresAt: z.string(),
    escalation: z.string(),
    resolve: z.strictObject({ code: z.string(), notes: z.string() }).optional(),
    /** Set for a run that does what was left of another one. */
    resumes: Resumes.optional(),
    /** What it means for the owner of the item, who has to confirm. */
    consequence: z.string().optional(),
  }),
  'guardrails-evaluated': z.strictObject({
    stage: z.enum(['proposal', 'decision', 'dispatch']),
    effect: Effect,
    lines: z.array(GuardrailLine),
  }),
  ...valueEvents,
  'approval-requested': z.strictObject({
    ...planned,
    group: z.string(),
    quorum: z.number().int().positive(),
    expiresAt: z.string(),
    /** What changed since the plan that was shown before; votes for that one are void. */
    changes: z.array(z.string()),
    /** Everybody who has to agree; without it `quorum` people of `group`. */
    requirements: z.array(Needed).optional(),
    /** Set when it is the rollback that is asked for; the plan is the one that runs. */
    phase: z.literal('rollback').optional(),
    tier: z.string().optional(),
    fourEyes: z.literal(true).optional(),
    /** Entra ids of the authors of this version, when they may not approve it. */
    authors: z.array(z.string()).optional(),
    /** Remind after each such time, in ms. */
    remindEvery: z.number().int().positive().optional(),
    escalateAt: z.string().optional(),
    escalateTo: z.string().optional(),
    /** It is asked for while a window is closed: it starts when that opens, if everything still holds. */
    notBefore: z.string().optional(),
  }),
  'auto-approved': z.strictObject({ ...planned, rule: z.string(), owner: z.string(), until: z.string() }),
  'vote-cast': z.strictObject({
    verb: z.enum(['approve', 'reject']),
    digest: z.string(),
    revision: z.number(),
    reason: z.string(),
    /** SHA-256 of the card the person clicked on; a typed vote has none. */
    card: z.string().optional(),
    /** The groups of this approval the person was in at this moment. */
    groups: z.array(z.string()).optional(),
    /** The approver who lets this person vote in their place. */
    standsInFor: Person.optional(),
  }),
  'approval-reminded': z.strictObject({ revision: z.number(), count: z.number().int().positive() }),
  /** Nobody decided in time: this group is asked as well, and its members count for any of the others. */
  'approval-escalated': z.strictObject({ revision: z.number(), group: z.string() }),
  /** One person decided alone in an emergency; somebody else has to review it. */
  'glass-broken': z.strictObject({
    digest: z.string(),
    revision: z.number(),
    reason: z.string(),
    /** The guardrails that said no and were gone past. */
    overridden: z.array(z.string()),
    reviewGroup: z.string(),
    reviewBy: z.string(),
    card: z.string().optional(),
  }),
  'review-overdue': z.strictObject({ reviewBy: z.string() }),
  'run-reviewed': z.strictObject({ verdict: z.enum(['justified', 'not justified']), note: z.string() }),
  /** Approved, but a guardrail says not now: it is asked again at `until`, or soon. */
  'dispatch-postponed': z.strictObject({ reason: z.string(), until: z.string().optional() }),
  // the control stream: what concerns every run
  'dispatch-stopped': z.strictObject({ reason: z.string() }),
  'dispatch-resumed': z.strictObject({ reason: z.string() }),
  'vote-delegated': z.strictObject({ from: Person, to: Person, until: z.string(), reason: z.string() }),
  'delegation-ended': z.strictObject({ from: Person }),
  'command-refused': z.strictObject({ command: z.string(), code: z.string(), revision: z.number() }),
  'dispatch-waiting': z.strictObject({ holder: z.string() }),
  'step-started': z.strictObject({
    step: z.string(),
    phase: z.enum(phases),
    executionId: z.string(),
    deadline: z.string(),
  }),
  'step-launched': z.strictObject({ step: z.string(), externalId: z.string() }),
  'step-finished': z.strictObject({
    step: z.string(),
    phase: z.enum(phases),
    result: z.enum(stepResults),
    detail: z.string(),
    evidence: Evidence.optional(),
    artifacts: z.array(KeptFile).optional(),
    baseline: Baseline.optional(),
    hosts: z.array(HostResult).optional(),
  }),
  'cancel-requested': z.strictObject({ reason: z.string() }),
  /** The incident was closed, or names another item, while steps were under way: they go on, and people are told. */
  'incident-changed': z.strictObject({ reason: z.string() }),
  'run-closed': z.strictObject({ outcome: z.enum(outcomes), reason: z.string(), nextAction: z.string() }),
  // after the end
  'outcome-settled': OutcomeSettled,
  'run-continued': RunContinued,
  'card-posted': z.strictObject({ conversation: z.string(), activity: z.string() }),
  /** Somebody was told: the ticket, the card, a person. `key` names what, `note` says when it could not be done. */
  reported: z.strictObject({
    key: z.string(),
    note: z.string(),
    /** How the incident stood right after, where it matters whether people take it since. */
    seen: z.record(z.string(), z.string()).optional(),
    /** What was not written because people have taken the incident, and why. */
    left: z.string().optional(),
  }),
} as const;
export type EventType = keyof typeof eventData;
export type EventData<T extends EventType> = z.infer<(typeof eventData)[T]>;

/** What a decision yields: a type and its data. */
export type RunEvent = { [T in EventType]: { readonly type: T; readonly data: EventData<T> } }[EventType];

const Subject = z.strictObject({
  /** Incident number. */
  incident: z.string(),
  /** sys_id of the configuration item. */
  ci: z.string(),
  runbook: z.strictObject({ id: z.string(), version: z.string(), hash: z.string() }),
});
export type Subject = z.infer<typeof Subject>;

/** Who, where, when, about what: the same for every event. */
export const Envelope = z.strictObject({
  /** ULID, unique: the same event stored twice is stored once. */
  event: z.string(),
  at: z.iso.datetime(),
  actor: Actor,
  tenant: z.string(),
  origin: Origin,
  subject: Subject,
});
export type Envelope = z.infer<typeof Envelope>;

export type NewEvent = RunEvent & Envelope;

/** An event as stored. `hash` covers everything else; `prev` is the hash of the entry before, or 64 zeros. */
export type LogEntry = NewEvent & {
  readonly v: 1;
  readonly runId: string;
  readonly seq: number;
  readonly prev: string;
  readonly hash: string;
};

const Chain = z.object({
  v: z.literal(1),
  runId: z.string(),
  seq: z.number().int().positive(),
  prev: z.string().length(64),
  hash: z.string().length(64),
  type: z.enum(Object.keys(eventData) as [EventType, ...EventType[]]),
  data: z.unknown(),
  ...Envelope.shape,
});

/** Reads a stored event. Throws a ZodError that names the field; new versions are upcast here. */
export function parseEntry(stored: unknown): LogEntry {
  const chain = Chain.parse(stored);
  const data = eventData[chain.type].parse(chain.data);
  return { ...chain, data } as LogEntry;
}
