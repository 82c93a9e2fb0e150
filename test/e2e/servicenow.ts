import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { WorldInfo } from '../../src/sandbox/kept.ts';
import { monitoringUser } from '../../src/sandbox/world.ts';

const Rows = z.object({ result: z.array(z.record(z.string(), z.string())) });
const Row = z.object({ result: z.record(z.string(), z.unknown()) });

export type Note = { readonly text: string; readonly by: string };
export type File = { readonly name: string; readonly sha256: string; readonly text: string };

/** The simulated ServiceNow as somebody else's client sees it: by its Table and Attachment APIs only. */
export function serviceNowOf(info: WorldInfo) {
  const basic = Buffer.from(`${monitoringUser}:${info.monitoringPassword}`).toString('base64');
  const headers = {
    authorization: `Basic ${basic}`,
    accept: 'application/json',
    'content-type': 'application/json',
  };
  const call = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const answer = await fetch(`${info.servicenow}/api/now/${path}`, {
      ...init,
      headers,
      signal: AbortSignal.timeout(20_000),
    });
    if (!answer.ok)
      throw new Error(`ServiceNow answered ${answer.status} to ${path}: ${await answer.text()}`);
    return answer;
  };
  const rows = async (table: string, query: string) => {
    const search = new URLSearchParams({
      sysparm_query: query,
      sysparm_display_value: 'true',
      sysparm_exclude_reference_link: 'true',
    });
    return Rows.parse(await (await call(`table/${table}?${search}`)).json()).result;
  };
  const journal = async (sysId: string, element: string): Promise<Note[]> =>
    (await rows('sys_journal_field', `element_id=${sysId}^element=${element}`)).map((row) => ({
      text: row['value'] ?? '',
      by: row['sys_created_by'] ?? '',
    }));

  return {
    /** An incident's columns as people see them. */
    async incident(number: string): Promise<Readonly<Record<string, string>>> {
      const [incident] = await rows('incident', `number=${number}`);
      if (incident === undefined) throw new Error(`ServiceNow has no ${number}`);
      return incident;
    },
    /** Oldest first. */
    workNotes: (sysId: string) => journal(sysId, 'work_notes'),
    comments: (sysId: string) => journal(sysId, 'comments'),
    async files(sysId: string): Promise<File[]> {
      const search = new URLSearchParams({ sysparm_query: `table_name=incident^table_sys_id=${sysId}` });
      const { result } = Rows.parse(await (await call(`attachment?${search}`)).json());
      return Promise.all(
        result.map(async (row) => {
          const bytes = Buffer.from(
            await (await call(`attachment/${row['sys_id'] ?? ''}/file`)).arrayBuffer(),
          );
          return {
            name: row['file_name'] ?? '',
            sha256: createHash('sha256').update(bytes).digest('hex'),
            text: bytes.toString('utf8'),
          };
        }),
      );
    },
    /** Creates a record; answers it as stored. */
    async create(table: string, fields: Readonly<Record<string, string>>): Promise<Record<string, unknown>> {
      const body = JSON.stringify(fields);
      return Row.parse(await (await call(`table/${table}`, { method: 'POST', body })).json()).result;
    },
  };
}
export type ServiceNow = ReturnType<typeof serviceNowOf>;
