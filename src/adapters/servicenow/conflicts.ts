import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { Client } from './client.ts';
import { isSysId } from './schema.ts';

const what = 'GET conflict';
/** `status` is left out: it reads "Conflict" also when there is none (docs: change-management-api, GET conflict). */
const Found = z.object({
  result: z.object({
    conflicts: z.array(z.object({ type: z.object({ value: z.string() }) })),
  }),
});

/**
 * The kinds of conflict ServiceNow's last check found for a change, e.g. `blackout`, each once. Starts no check. Needs the
 * role sn_change_reader.
 */
export async function readConflicts(client: Client, changeSysId: string): Promise<readonly string[]> {
  if (!isSysId(changeSysId)) throw unreadable();
  const page = await client.get(what, `/api/sn_chg_rest/change/${changeSysId}/conflict`, {}, [404]);
  if (page === undefined) throw unreadable();
  const { conflicts } = client.parse(what, Found, page.body).result;
  return [...new Set(conflicts.map(({ type }) => type.value))].sort();
}

const unreadable = (): AppError =>
  new AppError({
    code: 'itsm-refused',
    message: `${what}: the conflicts of a change cannot be read`,
    fix: 'Give the integration user the role sn_change_reader, or leave change.conflicts out of servicenow.yaml.',
  });
