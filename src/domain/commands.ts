import { z } from 'zod';
import { Evidence, stepResults } from './events.ts';
import { Actor, Origin } from './people.ts';
import { WeighedSuggestion } from './suggestion.ts';

const Scalar = z.union([z.string(), z.number(), z.boolean()]);
const from = { by: Actor, origin: Origin };
const revision = z.number().int().positive();

/** Everything anybody can ask of a run. Doors build these; `decide` judges them. */
export const Command = z.discriminatedUnion('name', [
  z.strictObject({
    name: z.literal('propose'),
    ...from,
    /** sys_id of the incident. */
    incident: z.string(),
    runbook: z.string(),
    reason: z.string(),
    suggestion: WeighedSuggestion.optional(),
  }),
  z.strictObject({ name: z.literal('confirm-parameters'), ...from, values: z.record(z.string(), Scalar) }),
  /** `revision` is the plan the person was shown; a text command names none and means the current one. */
  z.strictObject({ name: z.literal('approve'), ...from, revision: revision.optional() }),
  z.strictObject({ name: z.literal('reject'), ...from, revision: revision.optional(), reason: z.string() }),
  z.strictObject({ name: z.literal('withdraw'), ...from, reason: z.string() }),
  z.strictObject({ name: z.literal('cancel'), ...from, reason: z.string() }),
  z.strictObject({ name: z.literal('expire'), ...from }),
  /** The last check after approval; carries nothing, the facts are fetched fresh. */
  z.strictObject({ name: z.literal('dispatch'), ...from }),
  z.strictObject({ name: z.literal('wait'), ...from, holder: z.string() }),
  /** Goes on with what the log already implies: the next step, or the end. */
  z.strictObject({ name: z.literal('advance'), ...from }),
  z.strictObject({ name: z.literal('step-launched'), ...from, step: z.string(), externalId: z.string() }),
  z.strictObject({
    name: z.literal('step-result'),
    ...from,
    step: z.string(),
    result: z.enum(stepResults),
    detail: z.string(),
    evidence: Evidence.optional(),
  }),
  z.strictObject({ name: z.literal('card-posted'), ...from, conversation: z.string(), activity: z.string() }),
  z.strictObject({ name: z.literal('reported'), ...from, key: z.string(), note: z.string() }),
]);
export type Command = z.infer<typeof Command>;
export type CommandName = Command['name'];

/** Why a command was refused, and what each refusal means for the person. */
export const refusals = {
  'no-such-run': 'There is no such run.',
  'already-proposed': 'This run exists already.',
  'already-ended': 'This run has ended.',
  'already-decided': 'This was decided already.',
  'already-running': 'This run is under way.',
  'not-running': 'This run is not under way.',
  'not-approved': 'This run is not approved.',
  'not-due': 'It is not time for this yet.',
  'stale-card': 'This card shows an older plan.',
  'plan-changed': 'The plan changed, so approval starts again.',
  expired: 'The time to decide is over.',
  'wrong-tenant': 'You are signed in to another tenant.',
  'not-a-person': 'Only a person can do this.',
  'self-approval': 'You asked for this run, so somebody else has to approve it.',
  'not-approver': 'You are not one of the approvers.',
  'not-requester': 'You may not ask for this.',
  'membership-unknown': 'Your group membership could not be checked.',
  'guardrail-denied': 'A guardrail forbids this now.',
  'reason-needed': 'A reason is needed.',
  'parameters-invalid': 'Some values do not fit.',
  'parameters-missing': 'Its values have to be confirmed first.',
  'incident-unknown': 'The incident could not be read.',
  'ci-unknown': 'The configuration item could not be read.',
  'facts-unknown': 'Not everything that has to be checked could be read.',
  'runbook-unknown': 'There is no such runbook.',
  'step-unknown': 'This run has no such step in progress.',
  'card-known': 'The card of this run is posted already.',
} as const;
export type RefusalCode = keyof typeof refusals;

export const Refusal = z.strictObject({
  code: z.enum(Object.keys(refusals) as [RefusalCode, ...RefusalCode[]]),
  /** What happened, for the person. */
  message: z.string(),
  /** What the person can do now. */
  nextAction: z.string(),
  /** One line a wrong field, for forms. */
  fields: z.array(z.strictObject({ field: z.string(), message: z.string() })),
});
export type Refusal = z.infer<typeof Refusal>;

/** The answer to a command. `changed` is false when a repeat changed nothing. */
export const Reply = z.discriminatedUnion('ok', [
  z.strictObject({ ok: z.literal(true), changed: z.boolean() }),
  z.strictObject({ ok: z.literal(false), refusal: Refusal }),
]);
export type Reply = z.infer<typeof Reply>;
