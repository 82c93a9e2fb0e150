import { z } from 'zod';
import { words } from './after-end.ts';
import { Baseline, Evidence, KeptFile } from './events.ts';
import { Actor, Origin, Person } from './people.ts';
import { HostResult, stepResults } from './step-end.ts';
import { WeighedSuggestion } from './suggestion.ts';

const Scalar = z.union([z.string(), z.number(), z.boolean()]);
const from = { by: Actor, origin: Origin };
/** `revision` is the plan the person was shown, `card` the SHA-256 of the card that showed it. Typed words name no card. */
const shown = { revision: z.number().int().positive().optional(), card: z.string().optional() };

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
    /** The run whose rest is proposed. */
    resumes: z.string().optional(),
  }),
  z.strictObject({ name: z.literal('confirm-parameters'), ...from, values: z.record(z.string(), Scalar) }),
  z.strictObject({
    name: z.literal('owner-asked'),
    ...from,
    owner: Person,
    conversation: z.string(),
    activity: z.string(),
  }),
  /** Whom the item is assigned to says whether it is theirs. */
  z.strictObject({ name: z.literal('answer-ownership'), ...from, mine: z.boolean(), reason: z.string() }),
  z.strictObject({ name: z.literal('approve'), ...from, ...shown }),
  z.strictObject({ name: z.literal('reject'), ...from, ...shown, reason: z.string() }),
  /** An approver lowers the risk: other values within the runbook's limits, which make a new plan. */
  z.strictObject({ name: z.literal('narrow'), ...from, ...shown, values: z.record(z.string(), Scalar) }),
  /** One person decides alone, in an emergency the policy allows for. */
  z.strictObject({ name: z.literal('break-glass'), ...from, ...shown, reason: z.string() }),
  z.strictObject({
    name: z.literal('review'),
    ...from,
    verdict: z.enum(['justified', 'not justified']),
    note: z.string(),
  }),
  /** What somebody found out about a step whose outcome is unknown. */
  z.strictObject({ name: z.literal('settle'), ...from, word: z.enum(words), reason: z.string() }),
  /** What is left of a run that has ended shall be proposed as the run `next`. */
  z.strictObject({ name: z.literal('continue'), ...from, next: z.string() }),
  z.strictObject({ name: z.literal('remind'), ...from }),
  z.strictObject({ name: z.literal('escalate'), ...from }),
  z.strictObject({ name: z.literal('withdraw'), ...from, reason: z.string() }),
  z.strictObject({ name: z.literal('cancel'), ...from, reason: z.string() }),
  z.strictObject({ name: z.literal('expire'), ...from }),
  /** The incident has changed; carries nothing, the facts are fetched fresh. */
  z.strictObject({ name: z.literal('reconsider'), ...from }),
  /** The last check after approval; carries nothing, the facts are fetched fresh. */
  z.strictObject({
    name: z.literal('dispatch'),
    ...from,
    /** As many runs as may begin within an hour are about to begin. */
    full: z.boolean().optional(),
  }),
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
    artifacts: z.array(KeptFile).optional(),
    baseline: Baseline.optional(),
    /** What the target says of each host, where it does. */
    hosts: z.array(HostResult).optional(),
  }),
  z.strictObject({ name: z.literal('card-posted'), ...from, conversation: z.string(), activity: z.string() }),
  z.strictObject({
    name: z.literal('reported'),
    ...from,
    key: z.string(),
    note: z.string(),
    seen: z.record(z.string(), z.string()).optional(),
    left: z.string().optional(),
  }),
  // for the control stream
  z.strictObject({ name: z.literal('stop'), ...from, reason: z.string() }),
  z.strictObject({ name: z.literal('resume'), ...from, reason: z.string() }),
  /** Lets another person vote in one's place until a time (ISO 8601). */
  z.strictObject({
    name: z.literal('delegate'),
    ...from,
    to: Person,
    until: z.iso.datetime(),
    reason: z.string(),
  }),
  z.strictObject({ name: z.literal('end-delegation'), ...from }),
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
  'not-owner': 'This is assigned to somebody else, and only they can say whether it is theirs.',
  'nobody-asked': 'Nobody is asked whose this is.',
  'owner-approval': 'It is yours, so somebody else has to approve it.',
  'author-approval': 'You wrote this version of the runbook, so somebody else has to approve it.',
  stopped: 'Everything is stopped.',
  'not-stopped': 'Nothing is stopped.',
  'not-admin': 'You are not one of the administrators.',
  'glass-closed': 'The policy allows no break-glass for this.',
  'not-commander': 'You are not one of those who may break the glass.',
  'no-review': 'There is nothing to review.',
  'self-review': 'You broke the glass, so somebody else has to review it.',
  'not-reviewer': 'You are not one of the reviewers.',
  'no-unknown': 'The outcome of this run is not unknown.',
  'already-settled': 'Somebody has said already what happened.',
  'not-settler': 'You are not one of those who may say what happened.',
  'self-settlement': 'You asked for this run or approved it, so somebody else has to say what happened.',
  'not-continuable': 'This run cannot be continued.',
  'runbook-changed': 'The runbook was changed since.',
  'delegation-closed': 'The policy allows no delegation.',
  'not-delegate': 'This person may not vote for others.',
  'not-narrower': 'An approver may not change it to this.',
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
