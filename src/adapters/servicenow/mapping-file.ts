import { z } from 'zod';
import { environments } from '../../domain/incident.ts';
import {
  type Criticality,
  isChoice,
  isRelationType,
  type Mappings,
  defaultMappings as usual,
} from './mappings.ts';
import { isColumn } from './schema.ts';

/** The raw value of a choice. YAML reads 2 as a number; ServiceNow keeps text. */
const value = z
  .union([z.string().trim().min(1), z.number().int()], {
    error: 'expected a value of the choice list, e.g. 2',
  })
  .transform(String);
const values = (otherwise: readonly string[]) =>
  z
    .array(value)
    .min(1)
    .default([...otherwise]);
const column = z.string().refine(isColumn, {
  error: 'is not the name of a column; give it as ServiceNow does, in lower case, e.g. u_environment',
});
const relationTypes = (otherwise: readonly string[]) =>
  z
    .array(
      z.string().refine(isRelationType, {
        error: 'is not the name of a relation type; give it as cmdb_rel_type does, e.g. Depends on::Used by',
      }),
    )
    .default([...otherwise]);

const {
  incidentStates,
  approvals,
  changeStates,
  operations,
  installations,
  relationTypes: relations,
} = usual;

const incident = z.strictObject({
  states: z
    .strictObject({
      new: values(incidentStates.new),
      'in-progress': values(incidentStates['in-progress']).describe(
        'the first one is written when a run begins',
      ),
      'on-hold': values(incidentStates['on-hold']),
      resolved: values(incidentStates.resolved).describe('the first one is written when a runbook resolves'),
      closed: values(incidentStates.closed),
      canceled: values(incidentStates.canceled),
    })
    .prefault({})
    .describe('values of incident.state'),
  closeCodes: z
    .record(z.string(), z.string().min(1))
    .default({})
    .describe("a runbook's close code, and the instance's own for it"),
  approvals: z
    .strictObject({
      requested: value.default(approvals.requested),
      approved: value.default(approvals.approved),
      rejected: value.default(approvals.rejected),
      'not-requested': value.default(approvals['not-requested']),
    })
    .prefault({})
    .describe('values written to approval'),
  majorIncidentStates: z
    .array(z.string().refine(isChoice, { error: "is not a choice's value; give that, not its label" }))
    .default([...usual.majorIncidentStates])
    .describe('of an accepted major incident; empty on an instance without Major Incident Management'),
  columns: z
    .strictObject({
      ci: column.default(usual.columns.incidentCi),
      approval: column.default(usual.columns.incidentApproval),
      tag: z
        .union([column, z.literal('')])
        .default(usual.columns.incidentTag)
        .describe('says offer where Handrail should look; empty on an instance without its application'),
    })
    .prefault({}),
});

const change = z.strictObject({
  states: z
    .strictObject({ scheduled: values(changeStates.scheduled), implement: values(changeStates.implement) })
    .prefault({})
    .describe('values of change_request.state'),
  approved: values(usual.changeApproved).describe('values of its approval that let it go ahead'),
  affected: z
    .boolean()
    .default(usual.changeAffected)
    .describe('find changes too that list an item among their affected ones (task_ci)'),
  conflicts: z
    .boolean()
    .default(usual.changeConflicts)
    .describe('read what the conflict check found for changes that cover now'),
  slots: z
    .number()
    .int()
    .min(1)
    .max(200)
    .default(usual.changeSlots)
    .describe('the property change.conflict.next_available.choice_limit'),
  columns: z.strictObject({ ci: column.default(usual.columns.changeCi) }).prefault({}),
});

const item = z.strictObject({
  environments: z
    .partialRecord(z.enum(environments), z.array(z.string().trim().min(1)))
    .default({})
    .describe('labels that mean each environment, in any case, besides the usual ones'),
  operationalStatus: z.strictObject({ retired: values(operations.retired) }).prefault({}),
  installStatus: z
    .strictObject({
      'in-maintenance': values(installations['in-maintenance']),
      retired: values(installations.retired),
      absent: values(installations.absent),
    })
    .prefault({}),
  criticality: z
    .record(z.string(), z.number().int().min(1).max(4))
    .default({})
    .describe('a value of the criticality column, and how critical it is: 1 (most) to 4'),
  relations: z
    .strictObject({
      dependents: relationTypes(relations.dependents).describe('the parent depends on the child'),
      members: relationTypes(relations.members).describe('the parent consists of its children'),
      eitherWay: relationTypes(relations.eitherWay).describe(
        'of the members: those that discovery writes with the cluster on either side',
      ),
    })
    .prefault({})
    .describe('names of relation types'),
  columns: z
    .strictObject({
      environment: z
        .array(column)
        .min(1)
        .default([...usual.columns.environment]),
      operationalStatus: column.default(usual.columns.operation),
      installStatus: column.default(usual.columns.installation),
      criticality: column.default(usual.columns.criticality),
      owner: column
        .default(usual.columns.owner)
        .describe('the user it is assigned to, whom a runbook may have to ask'),
    })
    .prefault({}),
});

const user = z.strictObject({
  columns: z
    .strictObject({ entraId: column.optional().describe('a column of sys_user with the Entra object id') })
    .prefault({}),
});

/** servicenow.yaml: how an instance differs from a new one. What is left out is as it comes. */
export const MappingFile = z
  .strictObject({
    incident: incident.prefault({}),
    change: change.prefault({}),
    item: item.prefault({}),
    user: user.prefault({}),
  })
  .superRefine((file, context) => {
    for (const { path, meanings } of [
      { path: ['incident', 'states'], meanings: file.incident.states },
      { path: ['change', 'states'], meanings: file.change.states },
      { path: ['item', 'installStatus'], meanings: file.item.installStatus },
      { path: ['item', 'environments'], meanings: lowered(file.item.environments) },
    ])
      for (const { name, other, twice } of saidTwice(meanings))
        context.addIssue({
          code: 'custom',
          path: [...path, name],
          message: `${twice} means ${other} already; what is left out keeps its usual values, so give ${other} others`,
        });
  });
type MappingFile = z.infer<typeof MappingFile>;

/** Labels are compared in any case. */
const lowered = (labels: Readonly<Partial<Record<string, readonly string[]>>>) =>
  Object.fromEntries(
    Object.entries(labels).map(([name, list = []]) => [name, list.map((one) => one.toLowerCase())]),
  );

/** Values that stand in two lists: what they mean would depend on which list is looked at first. */
function saidTwice(meanings: Readonly<Record<string, readonly string[]>>) {
  const seen = new Map<string, string>();
  return Object.entries(meanings).flatMap(([name, list]) =>
    list.flatMap((twice) => {
      const other = seen.get(twice) ?? name;
      seen.set(twice, name);
      return other === name ? [] : [{ name, other, twice }];
    }),
  );
}

/** The mappings of an instance as its file gives them. */
export function mappingsIn(file: MappingFile): Mappings {
  const labels = environments.flatMap((environment) =>
    (file.item.environments[environment] ?? []).map((name) => [name.toLowerCase(), environment] as const),
  );
  const levels = Object.entries(file.item.criticality).map(
    ([name, level]) => [name.trim().toLowerCase(), level as Criticality] as const,
  );
  return {
    incidentStates: file.incident.states,
    closeCodes: file.incident.closeCodes,
    approvals: file.incident.approvals,
    majorIncidentStates: file.incident.majorIncidentStates,
    changeStates: file.change.states,
    changeApproved: file.change.approved,
    changeAffected: file.change.affected,
    changeConflicts: file.change.conflicts,
    changeSlots: file.change.slots,
    environments: { ...usual.environments, ...Object.fromEntries(labels) },
    operations: file.item.operationalStatus,
    installations: file.item.installStatus,
    criticality: Object.fromEntries(levels),
    relationTypes: file.item.relations,
    columns: columnsIn(file),
  };
}

const columnsIn = ({ incident, change, item, user }: MappingFile): Mappings['columns'] => ({
  incidentCi: incident.columns.ci,
  incidentApproval: incident.columns.approval,
  incidentTag: incident.columns.tag,
  changeCi: change.columns.ci,
  environment: item.columns.environment,
  operation: item.columns.operationalStatus,
  installation: item.columns.installStatus,
  criticality: item.columns.criticality,
  owner: item.columns.owner,
  entraId: user.columns.entraId ?? '',
});
