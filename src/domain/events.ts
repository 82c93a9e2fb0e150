import { z } from 'zod';
import { Effect, GuardrailLine } from './guardrail-line.ts';
import { ConfigurationItem, Incident } from './incident.ts';
import { ResolvedParameter } from './parameters.ts';
import { Actor, Origin } from './people.ts';
import { Plan, phases } from './plan.ts';
import { WeighedSuggestion } from './suggestion.ts';

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
] as const;
export type Outcome = (typeof outcomes)[number];

/** How a step ended. `not-started`: the target certainly never began. `unknown`: nobody can tell; a person decides. */
export const stepResults = ['succeeded', 'failed', 'cancelled', 'not-started', 'unknown'] as const;
export type StepResult = (typeof stepResults)[number];

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

const planned = { plan: Plan, digest: z.string(), revision: z.number().int().positive() };

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
  }),
  'guardrails-evaluated': z.strictObject({
    stage: z.enum(['proposal', 'decision', 'dispatch']),
    effect: Effect,
    lines: z.array(GuardrailLine),
  }),
  'parameters-confirmed': z.strictObject({ parameters: z.array(ResolvedParameter) }),
  /** The incident or the CMDB says something else now; what people entered stays. */
  'parameters-resolved': z.strictObject({ parameters: z.array(ResolvedParameter) }),
  'approval-requested': z.strictObject({
    ...planned,
    group: z.string(),
    quorum: z.number().int().positive(),
    expiresAt: z.string(),
    /** What changed since the plan that was shown before; votes for that one are void. */
    changes: z.array(z.string()),
  }),
  'auto-approved': z.strictObject({ ...planned, rule: z.string(), owner: z.string(), until: z.string() }),
  'vote-cast': z.strictObject({
    verb: z.enum(['approve', 'reject']),
    digest: z.string(),
    revision: z.number(),
    reason: z.string(),
  }),
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
  }),
  'cancel-requested': z.strictObject({ reason: z.string() }),
  'run-closed': z.strictObject({ outcome: z.enum(outcomes), reason: z.string(), nextAction: z.string() }),
  'card-posted': z.strictObject({ conversation: z.string(), activity: z.string() }),
  /** Somebody was told: the ticket, the card, a person. `key` names what, `note` says when it could not be done. */
  reported: z.strictObject({ key: z.string(), note: z.string() }),
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
