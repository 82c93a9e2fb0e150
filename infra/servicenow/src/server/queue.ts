import { GlideDateTime, GlideRecord } from '@servicenow/glide';
import { eventBody, eventId, type Version } from './event';
import { isOwnUser, OFFER, OUTBOX, suggestionColumn, TAG } from './settings';

/**
 * After an incident was saved: queues the news of it, unless Handrail itself wrote it. That it is not Handrail's business
 * any more is news too: what was proposed is taken back.
 */
export function queueEvent(current: GlideRecord<'incident'>, previous?: GlideRecord<'incident'>): void {
  const isOffered = current.getValue(TAG) === OFFER;
  const wasOffered = previous?.getValue(TAG) === OFFER;
  if (isOwnUser() || !(isOffered || wasOffered)) return;
  queue(versionOf(current));
}

export function versionOf(incident: GlideRecord<'incident'>): Version {
  const column = suggestionColumn();
  return {
    sysId: incident.getUniqueValue(),
    number: incident.getValue('number') || '',
    modCount: Number(incident.getValue('sys_mod_count') || '0'),
    suggestion: column !== '' && incident.isValidField(column) ? incident.getValue(column) || '' : '',
  };
}

/**
 * Stores the event of a version, once. Events of the same incident that still wait are superseded: Handrail reads the
 * incident as it is then, so only the newest is worth sending.
 */
export function queue(version: Version, again = ''): void {
  const id = eventId(version, again);
  const row = new GlideRecord(OUTBOX);
  if (row.get('event_id', id)) return;
  row.initialize();
  row.setValue('event_id', id);
  row.setValue('incident', version.sysId);
  row.setValue('body', eventBody(version));
  row.setValue('state', 'pending');
  row.setValue('attempts', 0);
  row.setValue('next_attempt', new GlideDateTime().getValue());
  const stored = row.insert();
  // refused by the unique index: the same version was stored at the same moment
  if (!stored) return;
  supersede(version.sysId, stored);
}

function supersede(incident: string, newest: string): void {
  const older = new GlideRecord(OUTBOX);
  older.addQuery('incident', incident);
  older.addQuery('state', 'pending');
  older.addQuery('sys_id', '!=', newest);
  older.query();
  while (older.next()) {
    older.setValue('state', 'superseded');
    older.update();
  }
}
