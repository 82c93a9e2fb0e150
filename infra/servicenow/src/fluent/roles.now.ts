import '@servicenow/sdk/global';
import { Acl, CrossScopePrivilege, Role } from '@servicenow/sdk/core';

/** Sees what is sent, sends dead letters again and deletes them. */
export const operatorRole = Role({
  name: 'x_handrail.operator',
  description: 'Sees the events for Handrail, sends dead letters again and deletes them',
});

/** Changes the settings, the secrets among them. */
export const adminRole = Role({
  name: 'x_handrail.admin',
  description: 'Changes the settings of the Handrail application',
  containsRoles: [operatorRole],
});

/** For the user Handrail works as: reads and writes incidents and reads the CMDB, no more. See README, "The integration user". */
export const integrationRole = Role({
  name: 'x_handrail.integration',
  description: 'For the user Handrail works as: incidents and the CMDB',
  containsRoles: ['sn_incident_read', 'sn_incident_write', 'cmdb_read'],
});

Acl({
  $id: Now.ID['acl-outbox-read'],
  type: 'record',
  table: 'x_handrail_outbox',
  operation: 'read',
  roles: [operatorRole],
  description: 'Operators see the events',
});
Acl({
  $id: Now.ID['acl-outbox-delete'],
  type: 'record',
  table: 'x_handrail_outbox',
  operation: 'delete',
  roles: [operatorRole],
  condition: 'state=dead',
  description: 'Operators delete dead letters',
});
Acl({
  $id: Now.ID['acl-tag-read'],
  type: 'record',
  table: 'incident',
  field: 'x_handrail_tag',
  operation: 'read',
  roles: [integrationRole, operatorRole, 'itil', 'sn_incident_read'],
  description: 'Whoever works on incidents sees whether Handrail is asked',
});
Acl({
  $id: Now.ID['acl-tag-write'],
  type: 'record',
  table: 'incident',
  field: 'x_handrail_tag',
  operation: 'write',
  roles: [operatorRole, 'itil'],
  description:
    'Who opened an incident as a customer cannot ask for a runbook, and neither can Handrail itself',
});

// Business rules of this application see incidents and set the tag.
CrossScopePrivilege({
  $id: Now.ID['privilege-incident-read'],
  status: 'allowed',
  operation: 'read',
  targetName: 'incident',
  targetScope: 'global',
  targetType: 'sys_db_object',
});
CrossScopePrivilege({
  $id: Now.ID['privilege-incident-write'],
  status: 'allowed',
  operation: 'write',
  targetName: 'incident',
  targetScope: 'global',
  targetType: 'sys_db_object',
});
