import '@servicenow/sdk/global';
import { Property } from '@servicenow/sdk/core';
import { adminRole, operatorRole } from './roles.now';

const settings = { read: [adminRole, operatorRole], write: [adminRole] };
const secrets = { read: [adminRole], write: [adminRole] };

Property({
  $id: Now.ID['property-active'],
  name: 'x_handrail.active',
  type: 'boolean',
  value: false,
  description: 'Send events. While this is off they are kept, the newest one of each incident.',
  roles: settings,
});
Property({
  $id: Now.ID['property-endpoint'],
  name: 'x_handrail.endpoint',
  type: 'string',
  value: '',
  description: 'Where events are posted: https://<your Handrail>/api/servicenow/events',
  roles: settings,
});
Property({
  $id: Now.ID['property-secret'],
  name: 'x_handrail.secret',
  type: 'password2',
  value: '',
  description: 'Signs events: whsec_ and base64, the value of SERVICENOW_WEBHOOK_SECRET of Handrail.',
  isPrivate: true,
  roles: secrets,
});
Property({
  $id: Now.ID['property-secret-next'],
  name: 'x_handrail.secret_next',
  type: 'password2',
  value: '',
  description: 'During a rotation: the new secret. Events are signed with both.',
  isPrivate: true,
  roles: secrets,
});
Property({
  $id: Now.ID['property-integration-user'],
  name: 'x_handrail.integration_user',
  type: 'string',
  value: '',
  description:
    'user_name of the user Handrail works as, its SERVICENOW_USER. What this user writes raises no event.',
  roles: settings,
});
Property({
  $id: Now.ID['property-tag-rule'],
  name: 'x_handrail.tag_rule',
  type: 'string',
  value: '',
  description:
    'Encoded query of incident: those it fits are tagged for Handrail when they are saved. Empty: people tag incidents by hand.',
  roles: settings,
});
Property({
  $id: Now.ID['property-suggestion-column'],
  name: 'x_handrail.suggestion_column',
  type: 'string',
  value: 'u_triage_suggestion',
  description:
    'Column of incident where an AI triage writes its suggestion as JSON. Sent along when it exists and is not empty.',
  roles: settings,
});
Property({
  $id: Now.ID['property-batch-size'],
  name: 'x_handrail.batch_size',
  type: 'integer',
  value: 50,
  description: 'How many events the scheduled script sends in a minute at most (1 to 500).',
  roles: settings,
});
Property({
  $id: Now.ID['property-max-attempts'],
  name: 'x_handrail.max_attempts',
  type: 'integer',
  value: 20,
  description: 'After so many attempts an event is a dead letter (1 to 100). 20 attempts last 13 hours.',
  roles: settings,
});
Property({
  $id: Now.ID['property-keep-days'],
  name: 'x_handrail.keep_days',
  type: 'integer',
  value: 14,
  description: 'Sent and superseded events are deleted after so many days (1 to 365). Dead letters stay.',
  roles: settings,
});
