import { z } from 'zod';
import { Duration } from './duration.ts';
import { Effect } from './guardrail-line.ts';
import { environments, type Incident } from './incident.ts';
import { Tier } from './risk.ts';
import { Portion } from './rolling.ts';
import { ChangeWindow, Freeze, Instant } from './windows.ts';

/** Lets one runbook run without a person on the named environments, until a date, in the name of an owner. */
export const AutoApproval = z.strictObject({
  name: z.string().min(1),
  runbook: z.string().min(1),
  environments: z.array(z.enum(environments)).min(1),
  /** Only in these risk tiers; without it in every tier whose effect is allow. */
  tiers: z.array(z.string().min(1)).min(1).optional(),
  owner: z.string().min(1),
  until: Instant,
});
export type AutoApproval = z.infer<typeof AutoApproval>;

/** Guardrails that say no for a reason a person may judge in an emergency. The others can never be broken. */
export const breakable = [
  'change window',
  'freeze',
  'cooldown',
  'flapping',
  'rate',
  'blast radius',
  'major incident',
] as const;

/** One person decides alone, says why, and a second person reviews it afterwards. */
export const BreakGlass = z.strictObject({
  /** Whose members may do it. */
  groups: z.array(z.string().min(1)).min(1),
  /** Without these: every runbook, every environment. */
  runbooks: z.array(z.string().min(1)).min(1).optional(),
  environments: z.array(z.enum(environments)).min(1).optional(),
  /** Guardrails it goes past; it never goes past one that is not named here. */
  overrides: z.array(z.enum(breakable)).default([]),
  review: z.strictObject({ group: z.string().min(1), within: Duration.default(86_400_000) }),
});
export type BreakGlass = z.infer<typeof BreakGlass>;

const count = z.number().int().min(1);
// every evaluation reads so many: more is no limit worth checking
const places = count.max(500, 'at most 500; leave it out for no limit');
const perHour = count.max(500, 'at most 500; leave it out for no limit');

export const BlastRadius = z.strictObject({
  dependents: z.number().int().nonnegative().optional(),
  targets: count.optional(),
  /** The most hosts of a pool that one step may take at a time: so many, or a share such as 50%. */
  atOnce: Portion.optional(),
  /** What becomes of a run that is over a limit: nobody may approve it, or only people may. */
  over: z.enum(['deny', 'require-approval']).optional(),
});

/** How much may happen at once, and in an hour. What is not given is not limited. */
export const Limits = z.strictObject({
  /** Runs of one runbook at the same time. */
  perRunbook: places.optional(),
  /** Runs that use a target at the same time. */
  perTarget: z.record(z.string(), places).default({}),
  /** Remediations started within an hour, all runbooks together, and of one runbook. */
  perHour: perHour.optional(),
  perRunbookPerHour: perHour.optional(),
});
export type Limits = z.infer<typeof Limits>;

const targetKinds = ['ops-api', 'awx', 'jenkins', 'rundeck', 'azure-automation'] as const;
export type TargetKind = (typeof targetKinds)[number];

/** An automation system that runbooks may use. */
const TargetRule = z.strictObject({
  kind: z.enum(targetKinds).default('ops-api'),
  /** What the names of its settings begin with: OPS_API for OPS_API_URL and OPS_API_TOKEN. The kind, without it. */
  settings: z
    .string()
    .regex(/^[A-Z][A-Z0-9_]{1,40}$/, 'expected the beginning of a setting, such as AWX_EU')
    .optional(),
  /** The hosts (host or host:port) its address may have. Without them whatever the settings say. */
  hosts: z.array(z.string().min(1)).min(1).optional(),
  /** The runbooks that may use it. */
  runbooks: z.array(z.string()).min(1),
});
export type TargetRule = z.infer<typeof TargetRule>;

/** runbooks/policy.yaml: who may decide, when, and where things are posted. */
export const Policy = z.strictObject({
  $schema: z.string().optional(),
  version: z.string().min(1),
  /** Names used by runbooks, and the Entra group behind each. */
  groups: z.record(
    z.string(),
    z.strictObject({
      entra: z.uuid(),
      /** Name or sys_id of the same group in ServiceNow, whose on-call person is mentioned and may ask. */
      servicenow: z.string().min(1).optional(),
    }),
  ),
  /** Where proposals are posted: by ServiceNow assignment group (name or sys_id), else the default. */
  channels: z.strictObject({
    default: z.string().min(1),
    byAssignmentGroup: z.record(z.string(), z.string().min(1)).default({}),
  }),
  /** Environments whose changes need an open window or an approved change. */
  changeWindowRequired: z.array(z.enum(environments)),
  changeWindows: z.array(ChangeWindow).default([]),
  freezes: z.array(Freeze).default([]),
  autoApprovals: z.array(AutoApproval).default([]),
  /** A closed window that opens within this time is waited for, once people have approved; otherwise it is a no. */
  scheduleWithin: Duration.optional(),
  /** Also ask ServiceNow for maintenance and blackout schedules of the item. A blackout closes, a maintenance window opens. */
  servicenowSchedules: z.boolean().default(false),
  /** From the most to the least risky. */
  tiers: z.array(Tier).default([]),
  /** The column of the incident that says customers are affected, and the values that say so. */
  customerImpact: z
    .strictObject({ column: z.string().regex(/^[a-z][a-z0-9_]*$/), values: z.array(z.string()).min(1) })
    .default({ column: 'impact', values: ['1'] }),
  /** What is taken for true where the CMDB is silent. Without it a silent CMDB counts as most critical. */
  assume: z.strictObject({ criticality: z.number().int().min(1).max(4).optional() }).default({}),
  /** The most items that may depend on what is touched, and the most items one run may touch. */
  blastRadius: BlastRadius.default({}),
  limits: Limits.default({ perTarget: {} }),
  /** The run that would be number `runs` on one item within the time is stopped: restarting hides the cause. */
  flapping: z.strictObject({ runs: z.number().int().min(2).max(20), within: Duration }).optional(),
  /** While a major incident is open on the item or on what depends on it. */
  majorIncident: Effect.default('require-approval'),
  /** While the CMDB says that somebody works on the item (install_status in maintenance). */
  maintenance: Effect.default('deny'),
  breakGlass: BreakGlass.optional(),
  /** Models whose suggestion may make a proposal that no rule makes, from this confidence on. Without it none may. */
  suggestions: z
    .strictObject({ atLeast: z.number().min(0).max(1), models: z.array(z.string().min(1).max(80)).min(1) })
    .optional(),
  /** Members may stop and resume everything. Without it nobody may. */
  admins: z.string().min(1).optional(),
  /** Approvers may let a member of this group vote for them, for so long. Without it nobody may. */
  delegation: z.strictObject({ to: z.string().min(1), most: Duration.default(14 * 86_400_000) }).optional(),
  /** Automation systems by the name that runbooks use. */
  targets: z.record(z.string(), TargetRule),
});
export type Policy = z.infer<typeof Policy>;

/** A policy with what identifies its exact content. */
export type LoadedPolicy = { readonly policy: Policy; readonly hash: string };

/** The Teams channel a run is posted in: that of the incident's assignment group, by sys_id or by name, else the default. */
export function channelFor(
  policy: Policy,
  { assignmentGroup, fields }: Pick<Incident, 'assignmentGroup' | 'fields'>,
): string {
  const { byAssignmentGroup, default: otherwise } = policy.channels;
  // the name comes from the ticket: it may be that of a property every object has
  const own = [assignmentGroup, fields['assignment_group.name'] ?? ''].find((name) =>
    Object.hasOwn(byAssignmentGroup, name),
  );
  return (own === undefined ? undefined : byAssignmentGroup[own]) ?? otherwise;
}

/** The auto-approval that covers this runbook, environment and tier now, if any. */
export const autoApprovalFor = (
  policy: Policy,
  runbook: string,
  environment: string,
  now: Date,
  tier: string,
): AutoApproval | undefined =>
  policy.autoApprovals.find(
    (rule) =>
      rule.runbook === runbook &&
      rule.environments.some((name) => name === environment) &&
      (rule.tiers === undefined || rule.tiers.includes(tier)) &&
      now.getTime() < Date.parse(rule.until),
  );
