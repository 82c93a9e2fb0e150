import type { ScheduleSpan } from '../../domain/incident.ts';
import { changeSlots } from './change-slots.ts';
import type { Client } from './client.ts';
import { changeColumns, toChange } from './map.ts';
import type { Mappings } from './mappings.ts';
import { readAll, readOne } from './read.ts';
import { isSysId } from './schema.ts';
import { joined, type Span, without } from './spans.ts';

/** No run is shorter than this. */
const shortestSeconds = 60;

/**
 * Maintenance and blackout times of an item, as ServiceNow's own change scheduling sees them; recurrence and time zones
 * of schedules are its business. It tells only when a change may be planned, so:
 * - time it does not offer, and that is not merely taken by an approved change of this item, is 'blackout';
 * - time it offers is 'maintenance' when the item has a maintenance schedule of its own. Without one all of the rest is
 *   offered, which is no window that opens anything.
 * Times are exact where an offer begins; where one ends they are early by less than the length of a slot, a 30th of the
 * span that was asked about. Beyond 90 days nothing is offered.
 */
export async function readSchedule(
  client: Client,
  mappings: Mappings,
  ciSysId: string,
  { from, to }: { readonly from: Date; readonly to: Date },
): Promise<readonly ScheduleSpan[]> {
  if (!isSysId(ciSysId)) return [];
  // ServiceNow reads whole seconds
  const start = Math.floor(from.getTime() / 1_000) * 1_000;
  const asked = { start, end: Math.max(to.getTime(), start + shortestSeconds * 1_000) };
  const seconds = Math.ceil((asked.end - asked.start) / 1_000 / mappings.changeSlots);
  const [slots, changes, item] = await Promise.all([
    changeSlots(client, ciSysId, new Date(asked.start), Math.max(seconds, shortestSeconds)),
    approvedChanges(client, mappings, ciSysId),
    readOne(client, 'cmdb_ci', ciSysId, ['maintenance_schedule', 'maintenance_schedule.name']),
  ]);
  const open = joined(slots);
  const closed = without(asked, open).flatMap((gap) => without(gap, changes));
  const own = item?.['maintenance_schedule'] ?? '';
  const name = item?.['maintenance_schedule.name'] || 'maintenance schedule';
  return [
    ...closed.map((span) => shown('blackout', 'no change may be planned', span)),
    ...(own === '' ? [] : open.filter(({ start: at }) => at < asked.end)).map((span) =>
      shown('maintenance', name, span),
    ),
  ].toSorted((a, b) => (a.start < b.start ? -1 : 1));
}

const shown = (kind: ScheduleSpan['kind'], name: string, { start, end }: Span): ScheduleSpan => ({
  kind,
  name,
  start: new Date(start).toISOString(),
  end: new Date(end).toISOString(),
});

/**
 * ServiceNow leaves the time of planned changes out of what it offers. Only those that were approved are told from a
 * blackout: with any other one, anybody could take a blackout away by drafting a change.
 */
async function approvedChanges(client: Client, mappings: Mappings, ciSysId: string): Promise<Span[]> {
  const rows = await readAll(client, {
    path: '/api/now/table/change_request',
    query: `${mappings.columns.changeCi}=${ciSysId}^active=true`,
    columns: changeColumns,
    fits: { [mappings.columns.changeCi]: ciSysId, active: 'true' },
    most: 5_000,
  });
  return rows
    .flatMap((row) => toChange(row, mappings) ?? [])
    .filter((change) => change.approved && !change.onHold && change.state !== 'other')
    .map((change) => ({ start: Date.parse(change.start), end: Date.parse(change.end) }));
}
