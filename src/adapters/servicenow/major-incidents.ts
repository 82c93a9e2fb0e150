import type { MajorIncident } from '../../domain/incident.ts';
import type { Client } from './client.ts';
import { stateOf } from './map.ts';
import type { Mappings } from './mappings.ts';
import { inPortions, readAll } from './read.ts';
import { isSysId } from './schema.ts';

const over = ['resolved', 'closed', 'canceled'];

/**
 * The accepted major incidents on these items that nobody has resolved. On an instance without Major Incident Management
 * the column does not exist, ServiceNow ignores that part of the query, and the rows it then gives are refused.
 */
export async function readMajorIncidents(
  client: Client,
  mappings: Mappings,
  ciSysIds: readonly string[],
): Promise<readonly MajorIncident[]> {
  const states = mappings.majorIncidentStates;
  const ci = mappings.columns.incidentCi;
  const items = [...new Set(ciSysIds.filter(isSysId))];
  if (states.length === 0) return [];
  const rows = await inPortions(items, (portion) =>
    readAll(client, {
      path: '/api/now/table/incident',
      query: `active=true^major_incident_stateIN${states.join(',')}^${ci}IN${portion.join(',')}`,
      columns: ['number', 'state', 'short_description'],
      fits: { active: 'true', major_incident_state: new Set(states), [ci]: new Set(portion) },
      most: 500,
    }),
  );
  return rows
    .filter((row) => !over.includes(stateOf(row['number'] ?? '', row['state'] ?? '', mappings)))
    .map((row) => ({
      number: row['number'] ?? '',
      ci: row[ci] ?? '',
      shortDescription: row['short_description'] ?? '',
    }));
}
