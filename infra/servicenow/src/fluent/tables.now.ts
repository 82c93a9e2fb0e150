import '@servicenow/sdk/global';
import {
  DateTimeColumn,
  default_view,
  IntegerColumn,
  List,
  ReferenceColumn,
  StringColumn,
  Table,
} from '@servicenow/sdk/core';

/** One row is one event: one webhook-id and one body, on every attempt. */
export const x_handrail_outbox = Table({
  name: 'x_handrail_outbox',
  label: 'Handrail event',
  display: 'event_id',
  schema: {
    event_id: StringColumn({ label: 'Event id', maxLength: 100, mandatory: true }),
    incident: ReferenceColumn({ label: 'Incident', referenceTable: 'incident', cascadeRule: 'none' }),
    // longer than LONGEST_BODY of src/server/event.ts
    body: StringColumn({ label: 'Body', maxLength: 16100 }),
    state: StringColumn({
      label: 'State',
      maxLength: 40,
      choices: { pending: 'Pending', sent: 'Sent', superseded: 'Superseded', dead: 'Dead' },
      default: 'pending',
    }),
    attempts: IntegerColumn({ label: 'Attempts', default: '0' }),
    next_attempt: DateTimeColumn({ label: 'Next attempt' }),
    last_status: IntegerColumn({ label: 'Last HTTP status' }),
    last_error: StringColumn({ label: 'Last error', maxLength: 500 }),
  },
  index: [
    { name: 'event_id', unique: true, element: 'event_id' },
    { name: 'state_next_attempt', unique: false, element: ['state', 'next_attempt'] },
    { name: 'incident_state', unique: false, element: ['incident', 'state'] },
  ],
  actions: ['read'],
  accessibleFrom: 'package_private',
  allowWebServiceAccess: false,
});

/** Which incidents are Handrail's business: the tag rule fills it when it is empty, a person decides otherwise. */
export const incident = Table({
  augments: 'incident',
  schema: {
    x_handrail_tag: StringColumn({
      label: 'Runbook (Handrail)',
      maxLength: 40,
      choices: { offer: 'Offer a runbook', never: 'Never offer one' },
      dropdown: 'dropdown_with_none',
    }),
  },
});

List({
  table: 'x_handrail_outbox',
  view: default_view,
  columns: [
    'incident',
    'state',
    'attempts',
    'last_status',
    'last_error',
    'next_attempt',
    'sys_created_on',
    'event_id',
  ],
});
