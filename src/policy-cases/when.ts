import { z } from 'zod';
import { type RefusalCode, refusals } from '../domain/commands.ts';
import { stepResults } from '../domain/step-end.ts';
import { Moved } from './given.ts';
import { Moment, Span } from './moment.ts';

const Name = z.string().min(1);
const Scalar = z.union([z.string(), z.number(), z.boolean()]);
const Values = z.record(z.string(), Scalar);

/** The codes a refusal can have. */
export const RefusalName = z.enum(Object.keys(refusals) as [RefusalCode, ...RefusalCode[]]);

/** Said of a command that is refused on the way; for the last command `want` says it. */
const expected = { refused: RefusalName.optional().describe('it is refused, with this code') };
const by = { by: Name, ...expected };
/** A click carries the plan the person was shown. */
const shown = {
  revision: z
    .number()
    .int()
    .positive()
    .optional()
    .describe('clicked on this plan; without it on the current one'),
  card: z.literal('forged').optional().describe('clicked on a card that was never posted'),
  typed: z.literal(true).optional().describe('typed instead of clicked: names no plan'),
};
const system = z.strictObject({ by: Name.optional(), ...expected });
const orName = <T extends z.ZodRawShape>(shape: T) => z.union([Name, z.strictObject({ ...by, ...shape })]);
const reason = { reason: z.string().default('because') };

const moves = {
  arrive: z.strictObject({}).describe('the incident arrives: rules and suggestion choose the runbook'),
  propose: z.union([Name, system]).describe('asks for the runbook; without a person ServiceNow does'),
  confirm: orName({ values: Values.default({}) }).describe('confirms or fills in parameters'),
  mine: orName({}).describe('the owner says that it is theirs'),
  'not-mine': orName({ reason: z.string().default('never had it') }).describe(
    'the owner says that it is not',
  ),
  approve: orName(shown),
  reject: orName({ ...shown, reason: z.string().default('not now') }),
  narrow: z.strictObject({ ...by, ...shown, values: Values }).describe('an approver chooses smaller values'),
  'break-glass': orName({ ...shown, reason: z.string().default('customers cannot wait') }),
  review: orName({
    verdict: z.enum(['justified', 'not justified']).default('justified'),
    note: z.string().default('looked at it'),
  }),
  withdraw: orName(reason),
  cancel: orName(reason),
  dispatch: system.describe('the engine starts what is approved'),
  expire: system,
  remind: system,
  escalate: system,
  advance: system,
  step: z.record(Name, z.enum(stepResults)).describe('steps end: {snapshot: succeeded}'),
  finish: z.strictObject({}).describe('every step that is left succeeds'),
  wait: Span.describe('time passes, and timers do what is due: remind, escalate, expire'),
  clock: z.union([Span, Moment]).describe('it is so much later, or this moment; no timer has fired yet'),
  change: Moved.describe('the world, the runbook or the policy is different from now on'),
  stop: orName({ reason: z.string().default('bad release') }),
  resume: orName({ reason: z.string().default('fixed') }),
  delegate: z.strictObject({
    ...by,
    to: Name,
    until: Moment.default('+1d'),
    reason: z.string().default('away'),
  }),
  'end-delegation': orName({}),
} as const;

/** Written as a single word. */
export const words = [
  'arrive',
  'propose',
  'dispatch',
  'expire',
  'remind',
  'escalate',
  'advance',
  'finish',
] as const;

const Move = z
  .strictObject(moves)
  .partial()
  .refine((move) => Object.keys(move).length === 1, 'one command each: begin a new line with a dash');
export type Move = z.infer<typeof Move>;

/** One command: a word, or a word and what it needs. */
export const When = z.union([z.enum(words), Move]);
export type When = z.infer<typeof When>;

/** A word is the command without anything more. */
export const moveOf = (when: When): Move => (typeof when === 'string' ? { [when]: {} } : when);
