import '@servicenow/sdk/global';
import { ApplicationMenu, Record } from '@servicenow/sdk/core';
import { operatorRole } from './roles.now';

const menu = ApplicationMenu({
  $id: Now.ID['menu'],
  title: 'Handrail',
  hint: 'Events for Handrail',
  roles: [operatorRole],
  active: true,
});

// Roles by name: SDK 4.9.0 writes a Role down as "[object Object]" here.
Record({
  $id: Now.ID['module-dead'],
  table: 'sys_app_module',
  data: {
    title: 'Dead letters',
    application: menu,
    link_type: 'LIST',
    name: 'x_handrail_outbox',
    filter: 'state=dead^ORDERBYDESCsys_updated_on',
    hint: 'Events that were given up. Put right what their last error says, then send them again.',
    roles: ['x_handrail.operator'],
    active: true,
    order: 100,
  },
});
Record({
  $id: Now.ID['module-pending'],
  table: 'sys_app_module',
  data: {
    title: 'Waiting events',
    application: menu,
    link_type: 'LIST',
    name: 'x_handrail_outbox',
    filter: 'state=pending^ORDERBYnext_attempt',
    hint: 'Events that are not sent yet',
    roles: ['x_handrail.operator'],
    active: true,
    order: 200,
  },
});
Record({
  $id: Now.ID['module-all'],
  table: 'sys_app_module',
  data: {
    title: 'All events',
    application: menu,
    link_type: 'LIST',
    name: 'x_handrail_outbox',
    filter: 'ORDERBYDESCsys_created_on',
    roles: ['x_handrail.operator'],
    active: true,
    order: 300,
  },
});
Record({
  $id: Now.ID['module-properties'],
  table: 'sys_app_module',
  data: {
    title: 'Settings',
    application: menu,
    link_type: 'LIST',
    name: 'sys_properties',
    filter: 'nameSTARTSWITHx_handrail.^ORDERBYname',
    roles: ['x_handrail.admin'],
    active: true,
    order: 400,
  },
});
