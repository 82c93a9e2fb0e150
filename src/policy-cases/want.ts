import { z } from 'zod';
import { type EventType, eventData, outcomes } from '../domain/events.ts';
import { Effect } from '../domain/guardrail-line.ts';
import { guardrails } from '../domain/guardrails.ts';
import { runStates } from '../domain/run.ts';
import { SuggestionRole } from '../domain/suggestion.ts';
import { Moment } from './moment.ts';
import { RefusalName } from './when.ts';

const Name = z.string().min(1);
const Words = z.union([Name, z.array(Name)]);

type GuardrailName = keyof typeof guardrails;
export const guardrailNames = Object.keys(guardrails) as [GuardrailName, ...GuardrailName[]];

const Events = z.array(z.enum(Object.keys(eventData) as [EventType, ...EventType[]]));

const Line = z.union([
  Effect,
  z.strictObject({
    effect: Effect.optional(),
    says: Words.optional().describe('words that are in its reason'),
    until: Moment.optional().describe('when it is expected to agree'),
    unknown: z.boolean().optional().describe('it could not be checked'),
    passing: z.boolean().optional().describe('it says no for now, nobody knows for how long'),
  }),
]);

/** What has to be true at the end of a case. What is not named is not looked at, except a refusal, which is always told. */
export const Want = z
  .strictObject({
    effect: Effect.optional().describe('of the last evaluation of the guardrails'),
    guardrails: z.partialRecord(z.enum(guardrailNames), Line).optional().describe('single lines of it'),
    refusal: RefusalName.optional().describe('the last command is refused with this code'),
    message: Words.optional().describe('words the refused person reads'),
    state: z.enum(runStates).optional(),
    outcome: z.enum(outcomes).optional(),
    reason: Words.optional().describe('words in the reason of the end'),
    tier: z.string().optional().describe("the risk tier; '' for none"),
    approvers: z
      .record(z.string(), z.number().int())
      .optional()
      .describe('how many of each group are asked, e.g. web-approvers: 1'),
    votes: z.record(z.string(), z.array(Name)).optional().describe('whose approval counts for each group'),
    rule: z.string().optional().describe('the policy rule that approved it'),
    revision: z.number().int().optional().describe('how many plans have been asked for'),
    changes: Words.optional().describe('words about what changed since the plan before'),
    expires: Moment.optional(),
    notBefore: Moment.optional().describe('the window that is waited for'),
    escalated: z.string().optional().describe('the group that is asked as well'),
    reminded: z.number().int().nonnegative().optional(),
    postponed: Words.optional().describe('words about why it does not start yet'),
    overridden: z.array(z.enum(guardrailNames)).optional().describe('what a broken glass went past'),
    reviewBy: Moment.optional(),
    overdue: z.boolean().optional().describe('a review is late'),
    stopped: z.boolean().optional(),
    parameters: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string()), z.null()]))
      .optional(),
    runbook: Name.optional().describe('the runbook that was proposed'),
    suggestion: SuggestionRole.optional().describe('how a suggestion stands to the rules'),
    unheeded: Words.optional().describe('words about why a suggestion counts for nothing'),
    events: Events.optional().describe('types of all events of the run, in order'),
    lastEvents: Events.optional().describe('types of the events of the last command'),
  })
  .refine((want) => Object.keys(want).length > 0, 'say what has to be true, e.g. state: approved');
export type Want = z.infer<typeof Want>;
