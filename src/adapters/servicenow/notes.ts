import type { Client } from './client.ts';
import { readFirst } from './read.ts';

const most = 1_000;

/** A work note with its marker as the last line. What ServiceNow would render as HTML is taken apart. */
export function noteText(workNote: string, marker: string): string {
  const plain = workNote.replaceAll(/\[(\/?)code\]/gi, '[$1 code]');
  return hasLine(plain, marker) ? plain : `${plain}\n${marker}`;
}

const hasLine = (text: string, marker: string): boolean =>
  text.split(/\r?\n/).some((line) => line.trim() === marker.trim());

/**
 * Whether a note with this marker, written by ourselves, is in the journal of the incident. Undefined when the
 * integration user may not read the journal. The marker is compared here: no text of ours enters a query.
 */
export async function noteExists(
  client: Client,
  sysId: string,
  marker: string,
  integrationUser: string,
): Promise<boolean | undefined> {
  const entries = await readFirst(client, {
    path: '/api/now/table/sys_journal_field',
    query: `element_id=${sysId}^element=work_notes^ORDERBYDESCsys_created_on`,
    columns: ['element_id', 'value', 'sys_created_by'],
    // A row of another incident does no harm here, and must not keep a note from being written: it is passed over.
    fits: {},
    most,
  });
  return entries?.some(
    (entry) =>
      entry['element_id'] === sysId &&
      hasLine(entry['value'] ?? '', marker) &&
      (entry['sys_created_by'] ?? '').toLowerCase() === integrationUser.toLowerCase(),
  );
}
