import '@servicenow/sdk/global';
import { BusinessRule, RestMessage, ScheduledScript, UiAction } from '@servicenow/sdk/core';
import { proposeRunbook, sendAgain } from '../server/actions';
import { queueEvent } from '../server/queue';
import { reap } from '../server/reap';
import { sendDue, sendNow } from '../server/send';
import { tagIncident } from '../server/tag';
import { operatorRole } from './roles.now';

BusinessRule({
  $id: Now.ID['rule-tag'],
  name: 'Handrail: tag incident',
  table: 'incident',
  when: 'before',
  action: ['insert', 'update'],
  // after the customer's own rules, which may set what the tag rule asks for
  order: 9000,
  script: tagIncident,
});
BusinessRule({
  $id: Now.ID['rule-queue'],
  name: 'Handrail: queue event',
  table: 'incident',
  when: 'after',
  action: ['insert', 'update'],
  order: 9000,
  script: queueEvent,
});
BusinessRule({
  $id: Now.ID['rule-send'],
  name: 'Handrail: send event',
  table: 'x_handrail_outbox',
  when: 'async',
  action: ['insert'],
  order: 100,
  script: sendNow,
});

ScheduledScript({
  $id: Now.ID['job-send'],
  name: 'Handrail: send due events',
  frequency: 'periodically',
  executionInterval: { minutes: 1 },
  executionStart: '2026-01-01 00:00:00',
  script: sendDue,
});
ScheduledScript({
  $id: Now.ID['job-reap'],
  name: 'Handrail: delete old events',
  frequency: 'daily',
  executionTime: { hours: 3, minutes: 17, seconds: 0 },
  executionStart: '2026-01-01 00:00:00',
  timeZone: 'UTC',
  script: reap,
});

/** The address is a property; a MID Server or mutual authentication can be set here. */
RestMessage({
  $id: Now.ID['message'],
  name: 'Handrail',
  endpoint: 'https://example.invalid/api/servicenow/events',
  description: 'Signed events for Handrail. The address is that of the property x_handrail.endpoint.',
  functions: [{ name: 'post_event', httpMethod: 'POST' }],
});

UiAction({
  $id: Now.ID['action-propose'],
  table: 'incident',
  name: 'Propose runbook',
  actionName: 'x_handrail_propose',
  hint: 'Asks Handrail for a runbook that fits this incident. Nothing runs before it is approved.',
  showInsert: false,
  showUpdate: true,
  form: { showButton: true },
  workspace: { isConfigurableWorkspace: true, showFormButtonV2: true },
  condition: 'current.active == true',
  roles: ['itil', operatorRole],
  script: proposeRunbook,
});
UiAction({
  $id: Now.ID['action-send-again'],
  table: 'x_handrail_outbox',
  name: 'Send again',
  actionName: 'x_handrail_send_again',
  hint: 'Sends this dead letter again, under the same id.',
  showInsert: false,
  showUpdate: true,
  form: { showButton: true },
  list: { showListChoice: true },
  condition: "current.state == 'dead'",
  roles: [operatorRole],
  script: sendAgain,
});
