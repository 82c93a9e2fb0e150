/** What the simulated instance knows of its tables: columns, references, choices and class hierarchy. */

const system = [
  'sys_id',
  'sys_created_on',
  'sys_created_by',
  'sys_updated_on',
  'sys_updated_by',
  'sys_mod_count',
];
const task = [
  ...system,
  'sys_class_name',
  'number',
  'short_description',
  'description',
  'state',
  'priority',
  'impact',
  'urgency',
  'approval',
  'active',
  'assignment_group',
  'assigned_to',
  'cmdb_ci',
  'business_service',
  'opened_at',
  'opened_by',
  'closed_at',
  'closed_by',
  'close_notes',
  'correlation_id',
  'parent',
  'work_notes',
  'comments',
];
const ci = [
  ...system,
  'sys_class_name',
  'name',
  'short_description',
  'category',
  'subcategory',
  'environment',
  'operational_status',
  'install_status',
  'ip_address',
  'fqdn',
  'dns_domain',
  'support_group',
  'owned_by',
  'managed_by',
  'assigned_to',
  'location',
  'maintenance_schedule',
  'asset_tag',
  'serial_number',
  'mac_address',
];
const schedule = ['name', 'type', 'time_zone', 'description'];

const columns: Readonly<Record<string, readonly string[]>> = {
  incident: [
    ...task,
    'incident_state',
    'hold_reason',
    'category',
    'subcategory',
    'caller_id',
    'close_code',
    'contact_type',
    'resolved_at',
    'resolved_by',
    'reopen_count',
    'major_incident_state',
    // what the Handrail application adds
    'x_handrail_tag',
  ],
  task,
  task_ci: [...system, 'task', 'ci_item', 'applied', 'manual_proposed_change'],
  change_request: [
    ...task,
    'type',
    'on_hold',
    'start_date',
    'end_date',
    'work_start',
    'work_end',
    'risk',
    'category',
    'chg_model',
    'close_code',
    'on_hold_reason',
    'requested_by',
    'conflict_status',
    'conflict_last_run',
  ],
  cmdb_ci: ci,
  cmdb_rel_ci: [...system, 'parent', 'child', 'type', 'connection_strength', 'percent_outage'],
  cmdb_rel_type: [...system, 'name', 'parent_descriptor', 'child_descriptor'],
  cmn_rota: [...system, 'name', 'group', 'active', 'schedule'],
  cmn_rota_roster: [...system, 'name', 'rota', 'order', 'active'],
  cmn_rota_member: [...system, 'roster', 'member', 'order', 'from', 'to'],
  cmn_schedule: [...system, ...schedule],
  cmn_schedule_blackout: [...system, ...schedule, 'applies_to', 'condition'],
  cmn_schedule_maintenance: [...system, ...schedule, 'applies_to', 'condition'],
  cmn_schedule_span: [...system, 'name', 'schedule', 'type', 'start_date_time', 'end_date_time'],
  sys_user: [...system, 'user_name', 'name', 'first_name', 'last_name', 'email', 'active', 'locked_out'],
  sys_user_group: [...system, 'name', 'description', 'email', 'manager', 'parent', 'active'],
  sys_user_grmember: [...system, 'user', 'group'],
  sys_journal_field: ['sys_id', 'sys_created_on', 'sys_created_by', 'name', 'element', 'element_id', 'value'],
  sys_attachment: [
    ...system,
    'file_name',
    'content_type',
    'size_bytes',
    'hash',
    'table_name',
    'table_sys_id',
    'state',
  ],
};

/** Columns that only subclasses have: a query on cmdb_ci does not return them. */
const classColumns = ['used_for', 'classification', 'busines_criticality', 'os', 'host_name', 'tcp_port'];
const parents: Readonly<Record<string, string>> = {
  cmdb_ci_appl: 'cmdb_ci',
  cmdb_ci_app_server: 'cmdb_ci_appl',
  cmdb_ci_web_server: 'cmdb_ci_appl',
  cmdb_ci_database: 'cmdb_ci_appl',
  cmdb_ci_computer: 'cmdb_ci',
  cmdb_ci_server: 'cmdb_ci',
  cmdb_ci_win_server: 'cmdb_ci_server',
  cmdb_ci_linux_server: 'cmdb_ci_server',
  cmdb_ci_service: 'cmdb_ci',
  cmdb_ci_service_discovered: 'cmdb_ci_service',
  cmdb_ci_cluster: 'cmdb_ci',
  cmdb_ci_cluster_node: 'cmdb_ci',
};
/** What `task` shows: each kind lives in a table of its own, and references point to the common one. */
const tasks = ['incident', 'change_request'];
const isClass = (table: string): boolean => /^cmdb_ci(_[a-z0-9]+)+$/.test(table);

/** The table whose rows are stored: all configuration items live together, told apart by sys_class_name. */
export const rootOf = (table: string): string => (isClass(table) ? 'cmdb_ci' : table);

/** The tables in which the rows of a table are stored. */
export const storedIn = (table: string): readonly string[] => (table === 'task' ? tasks : [rootOf(table)]);

/** Whether the instance has such a table. `classes` are those its records use. */
export const isTable = (table: string, classes: ReadonlySet<string>): boolean =>
  Object.hasOwn(columns, table) || Object.hasOwn(parents, table) || classes.has(table);

/** Whether a record of class `own` is listed under `table`. */
export function belongs(own: string, table: string): boolean {
  for (let at: string | undefined = own; at !== undefined; at = parents[at]) if (at === table) return true;
  return table === rootOf(own) || storedIn(table).includes(own);
}

/** Columns every row of a table shows, '' where unset. */
export const columnsOf = (table: string): readonly string[] =>
  isClass(table) ? [...ci, ...classColumns] : (columns[table] ?? system);

/** Whether a column may be seen through a table; custom columns belong to the subclass. */
export const shows = (table: string, column: string): boolean => table !== 'cmdb_ci' || ci.includes(column);

const users = [
  'requested_by',
  'assigned_to',
  'opened_by',
  'closed_by',
  'resolved_by',
  'caller_id',
  'manager',
  'owned_by',
];
const targets: Readonly<Record<string, string>> = {
  ...Object.fromEntries(users.map((column) => [column, 'sys_user'])),
  managed_by: 'sys_user',
  user: 'sys_user',
  assignment_group: 'sys_user_group',
  support_group: 'sys_user_group',
  group: 'sys_user_group',
  cmdb_ci: 'cmdb_ci',
  business_service: 'cmdb_ci',
  maintenance_schedule: 'cmn_schedule',
  rota: 'cmn_rota',
  roster: 'cmn_rota_roster',
  member: 'sys_user',
  'task_ci.task': 'task',
  'task_ci.ci_item': 'cmdb_ci',
  'cmdb_rel_ci.parent': 'cmdb_ci',
  'cmdb_rel_ci.child': 'cmdb_ci',
  'cmdb_rel_ci.type': 'cmdb_rel_type',
};

/** The table a reference column points to, undefined for a plain column. */
export const referenceOf = (table: string, column: string): string | undefined =>
  [`${table}.${column}`, column].flatMap((name) => (Object.hasOwn(targets, name) ? targets[name] : [])).at(0);

const labels: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'incident.state': {
    1: 'New',
    2: 'In Progress',
    3: 'On Hold',
    6: 'Resolved',
    7: 'Closed',
    8: 'Canceled',
  },
  'change_request.state': {
    '-5': 'New',
    '-4': 'Assess',
    '-3': 'Authorize',
    '-2': 'Scheduled',
    '-1': 'Implement',
    0: 'Review',
    3: 'Closed',
    4: 'Canceled',
  },
  priority: { 1: '1 - Critical', 2: '2 - High', 3: '3 - Moderate', 4: '4 - Low', 5: '5 - Planning' },
  impact: { 1: '1 - High', 2: '2 - Medium', 3: '3 - Low' },
  urgency: { 1: '1 - High', 2: '2 - Medium', 3: '3 - Low' },
  approval: {
    'not requested': 'Not Yet Requested',
    requested: 'Requested',
    approved: 'Approved',
    rejected: 'Rejected',
  },
  major_incident_state: {
    proposed: 'Proposed',
    accepted: 'Accepted',
    rejected: 'Rejected',
    canceled: 'Canceled',
  },
};

/** What a person sees instead of a choice's value. */
export function labelOf(table: string, column: string, value: string): string {
  const name = column === 'incident_state' ? 'state' : column;
  return labels[`${table}.${name}`]?.[value] ?? labels[name]?.[value] ?? value;
}

/** The value of a choice given by its label, as `sysparm_input_display_value=true` allows; anything else is its own value. */
export function choiceOf(table: string, column: string, label: string): string {
  const name = column === 'incident_state' ? 'state' : column;
  const choices = Object.entries(labels[`${table}.${name}`] ?? labels[name] ?? {});
  return choices.find(([, text]) => text === label)?.[0] ?? label;
}

export const journals = ['work_notes', 'comments'] as const;
