import { z } from 'zod';
import { environments, incidentStates } from '../domain/incident.ts';
import { Instant, Moment } from './moment.ts';

const Name = z.string().min(1);
const Changes = z.record(z.string(), z.unknown());
const Fields = z.record(z.string(), z.string().nullable());

const Person = z.union([
  z.array(Name),
  z.strictObject({ groups: z.array(Name).default([]), tenant: Name.optional() }),
]);

const Incident = z.strictObject({
  number: Name.optional(),
  state: z.enum(incidentStates).optional(),
  priority: Name.optional(),
  shortDescription: z.string().optional(),
  description: z.string().optional(),
  assignmentGroup: Name.optional(),
  ci: z.enum(['same', 'other', 'none']).optional().describe('the item it names: other = another one now'),
  fields: Fields.optional().describe('further columns, raw values, e.g. impact: "1"'),
});

const ConfigurationItem = z.strictObject({
  name: Name.optional(),
  class: Name.optional(),
  environment: z
    .enum([...environments, 'unknown'])
    .optional()
    .describe('unknown: the CMDB names none'),
  criticality: z.number().int().min(1).max(4).nullable().optional().describe('1 is most critical'),
  status: z
    .enum(['in use', 'in maintenance', 'retired', 'absent', 'unknown'])
    .optional()
    .describe('what the CMDB says; unknown: nothing'),
  fields: Fields.optional().describe('further columns, raw values'),
});

const Change = z.strictObject({
  number: Name,
  state: z.enum(['scheduled', 'implement', 'other']).default('implement'),
  approved: z.boolean().default(true),
  onHold: z.boolean().default(false),
  from: Moment,
  to: Moment,
  conflicts: z.array(Name).default([]).describe('kinds of conflict ServiceNow found for it, e.g. blackout'),
});

const Related = z.union([
  Name,
  z.strictObject({
    name: Name,
    class: Name.optional(),
    criticality: z.number().int().min(1).max(4).optional(),
  }),
]);
const RelatedItems = z.union([z.number().int().nonnegative(), z.array(Related)]);

const Past = z.strictObject({ at: Moment, runbook: Name.optional(), run: Name.optional() });

const Runs = z.union([z.number().int().nonnegative(), z.array(Name)]);

const Suggestion = z.strictObject({
  runbook: Name.optional().describe('without it: the runbook of the case'),
  confidence: z.number().min(0).max(1).default(0.9),
  reason: z.string().default('looks like it'),
  quotes: z.array(z.string()).default([]),
  model: Name.default('triage'),
});

/** The facts a case may say cannot be read. */
export const unreadable = [
  'incident',
  'ci',
  'owner',
  'changes',
  'relations',
  'majorIncidents',
  'schedule',
  'history',
  'lastHour',
  'holders',
  'requesterGroups',
  'requesterOnCall',
  'members',
  'authors',
  'control',
  'groups',
  'standIns',
  'delegateGroups',
  'shownCard',
] as const;
export type Unreadable = (typeof unreadable)[number];

/**
 * How the world differs from a plain one: an open incident on a production item that is in use; nothing depends on it,
 * nothing ran before, nobody else is at work, nothing is stopped; nobody is in any group.
 */
export const Given = z.strictObject({
  at: Instant.optional().describe(
    'when the case begins: 2026-11-18T10:00:00Z or 2026-11-18 11:00 Europe/Berlin',
  ),
  people: z
    .record(Name, Person.nullable())
    .optional()
    .describe('who there is and the groups of the policy they are in, e.g. arne: [web-approvers]'),
  runbook: Changes.optional().describe('what differs from the runbook of this file; null takes a field away'),
  policy: Changes.optional().describe('what differs from the policy of this file; null takes a field away'),
  incident: Incident.optional(),
  ci: ConfigurationItem.optional().describe('the configuration item'),
  owner: Name.nullable().optional().describe('whom the CMDB assigns the item to; without it nobody'),
  changes: z.array(Change).optional().describe('change requests on the item'),
  dependents: RelatedItems.optional().describe('what depends on the item: names, or how many'),
  members: RelatedItems.optional().describe('what the item consists of: names, or how many'),
  relationsCut: z.boolean().optional().describe('more is related to it than could be read'),
  majorIncidents: z
    .array(Name)
    .optional()
    .describe('numbers of the open ones on it or on what depends on it'),
  schedule: z
    .array(
      z.strictObject({ kind: z.enum(['maintenance', 'blackout']), name: Name, from: Moment, to: Moment }),
    )
    .optional()
    .describe('maintenance and blackout times of ServiceNow'),
  history: z.array(Past).optional().describe('earlier remediations on the item'),
  elsewhere: z.array(Past).optional().describe('earlier remediations on other items'),
  holders: z
    .strictObject({
      ci: Name.nullable().optional(),
      runbook: Runs.optional(),
      targets: z.record(z.string(), Runs).optional(),
    })
    .optional()
    .describe('other runs at work: on the item, of the runbook, on each target'),
  onCall: z.array(Name).optional().describe('people on call now for a group that may ask'),
  authors: z.array(Name).optional().describe('people who wrote this version of the runbook'),
  stopped: z
    .strictObject({ by: Name, reason: z.string() })
    .nullable()
    .optional()
    .describe('somebody has stopped everything'),
  delegations: z
    .array(z.strictObject({ from: Name, to: Name, until: Moment, reason: z.string().default('') }))
    .optional()
    .describe('who lets whom vote for them'),
  suggestion: Suggestion.nullable().optional().describe('what an AI triage says about the incident'),
  unknown: z
    .partialRecord(z.enum(unreadable), z.string().nullable())
    .optional()
    .describe('facts that cannot be read, and why'),
});
export type Given = z.infer<typeof Given>;

/** What may change while a case runs: everything but the moment it begins. */
export const Moved = Given.omit({ at: true });
