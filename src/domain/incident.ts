import { z } from 'zod';

export const environments = ['production', 'staging', 'test', 'development'] as const;

/** An item of the CMDB. `environment` is 'production' when the CMDB does not say (unknown = production). */
export const ConfigurationItem = z.strictObject({
  sysId: z.string(),
  name: z.string(),
  /** The CMDB class, e.g. cmdb_ci_app_server. */
  class: z.string(),
  environment: z.enum(environments),
  /** False when no field of the CMDB names an environment and production was assumed. */
  environmentKnown: z.boolean(),
  /** Every other column that was read, raw values, empty ones left out. Parameters may come from here. */
  fields: z.record(z.string(), z.string()),
});
export type ConfigurationItem = z.infer<typeof ConfigurationItem>;

export const incidentStates = ['new', 'in-progress', 'on-hold', 'resolved', 'closed', 'canceled'] as const;

/** An incident as read from ServiceNow. Free text is untrusted: it is shown, never obeyed. */
export const Incident = z.strictObject({
  sysId: z.string(),
  number: z.string(),
  shortDescription: z.string(),
  description: z.string(),
  state: z.enum(incidentStates),
  priority: z.string(),
  /** `sys_mod_count`: grows with each update. */
  modCount: z.number().int().nonnegative(),
  updatedBy: z.string(),
  /** The sys_id of the configuration item, or '' when the incident names none. */
  ciSysId: z.string(),
  assignmentGroup: z.string(),
  /** Every other column that was read, raw values, empty ones left out. */
  fields: z.record(z.string(), z.string()),
});
export type Incident = z.infer<typeof Incident>;

/** An incident nobody needs to act on any more. */
export const isOver = (incident: Pick<Incident, 'state'>): boolean =>
  incident.state === 'resolved' || incident.state === 'closed' || incident.state === 'canceled';

/** A change request that covers a configuration item, times as ISO 8601 in UTC. */
export type Change = {
  readonly number: string;
  readonly state: 'scheduled' | 'implement' | 'other';
  readonly approved: boolean;
  readonly onHold: boolean;
  readonly start: string;
  readonly end: string;
  /** Somebody has begun it and not ended it, whatever the plan says. */
  readonly begun?: true;
  /** Kinds of conflict ServiceNow's last check found for it, e.g. blackout; absent when they were not asked for. */
  readonly conflicts?: readonly string[];
};

/** Where a configuration item stands in the CMDB (cmdb_rel_ci). */
export type Relations = {
  /** Items and services that depend on it, directly or through others, each once. */
  readonly dependents: readonly RelatedItem[];
  /** Items it consists of: the nodes of a cluster, the servers of a pool. Empty when it is one item. */
  readonly members: readonly RelatedItem[];
  /** There were more than were read; the counts are then too low. */
  readonly truncated: boolean;
};
export type RelatedItem = {
  readonly sysId: string;
  readonly name: string;
  readonly class: string;
  /** `busines_criticality` as a number from 1 (most critical) to 4, where the CMDB says one. */
  readonly criticality?: number;
};

/** A major incident that is open. */
export type MajorIncident = {
  readonly number: string;
  readonly ci: string;
  readonly shortDescription: string;
};

/** A time in which ServiceNow's schedules allow (maintenance) or forbid (blackout) changes, ISO 8601 in UTC. */
export type ScheduleSpan = {
  readonly kind: 'maintenance' | 'blackout';
  readonly name: string;
  readonly start: string;
  readonly end: string;
};
