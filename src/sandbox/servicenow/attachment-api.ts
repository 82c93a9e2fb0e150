import { createHash } from 'node:crypto';
import { rootOf } from './dictionary.ts';
import { type Answer, type Asked, failure, json, noRecord } from './http.ts';
import { page } from './present.ts';
import { select } from './query.ts';
import { newSysId, type Row, rowsOf, type State, stamp } from './state.ts';
import { scopeOf, type TableWorld } from './table-api.ts';

const root = '/api/now/attachment';

/** Answers an Attachment API request; undefined when the path is not one. */
export async function attachmentApi(world: TableWorld, asked: Asked): Promise<Answer | undefined> {
  const path = asked.path.replace(/^\/api\/now\/v[12]\//, '/api/now/');
  if (path !== root && !path.startsWith(`${root}/`)) return undefined;
  if (asked.method === 'POST' && path === `${root}/file`) return upload(world, asked);
  if (asked.method === 'GET' && path === root) return list(world, asked);
  const [sysId = '', what] = path.slice(root.length + 1).split('/');
  const row = world.state.tables['sys_attachment']?.[sysId];
  if (asked.method === 'DELETE') return remove(world, row);
  if (asked.method !== 'GET') return failure(405, 'Method not allowed');
  if (row === undefined) return noRecord();
  if (what !== 'file') return json(200, { result: shown(asked, row) });
  const file = download(world.state, row);
  // Clients take the size from here.
  return {
    ...file,
    headers: { ...file.headers, 'x-attachment-metadata': JSON.stringify(shown(asked, row)) },
  };
}

async function remove(world: TableWorld, row: Row | undefined): Promise<Answer> {
  const sysId = row?.['sys_id'];
  if (sysId === undefined) return noRecord();
  delete world.state.tables['sys_attachment']?.[sysId];
  delete world.state.contents[sysId];
  await world.flush();
  return { status: 204 };
}

const shown = (asked: Asked, row: Row) => ({
  ...row,
  download_link: `${asked.url}${root}/${row['sys_id'] ?? ''}/file`,
});

function list(world: TableWorld, asked: Asked): Answer {
  const { state } = world;
  const filters = ['table_name', 'table_sys_id', 'file_name'].flatMap((name) => {
    const value = asked.query.get(name);
    return value === null ? [] : [`${name}=${value}`];
  });
  const encoded = [asked.query.get('sysparm_query') ?? '', ...filters]
    .filter((part) => part !== '')
    .join('^');
  const how = { scope: scopeOf(world, asked), strict: world.strictQueries };
  const found = page(asked, select(state, 'sys_attachment', rowsOf(state, 'sys_attachment'), encoded, how));
  return json(200, { result: found.rows.map((row) => shown(asked, row)) }, found.headers);
}

/** The file itself, always as a download so that a browser does not run it. */
export function download(state: State, row: Row): Answer {
  return {
    status: 200,
    headers: {
      'content-type': row['content_type'] ?? 'application/octet-stream',
      'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(row['file_name'] ?? 'file')}`,
      'x-content-type-options': 'nosniff',
    },
    body: Buffer.from(state.contents[row['sys_id'] ?? ''] ?? '', 'base64'),
  };
}

async function upload(world: TableWorld, asked: Asked): Promise<Answer> {
  const [table = '', sysId = '', name = ''] = ['table_name', 'table_sys_id', 'file_name'].map(
    (parameter) => asked.query.get(parameter) ?? '',
  );
  const type = asked.headers['content-type'];
  if (table === '' || sysId === '' || name === '' || type === undefined)
    return failure(400, 'Bad Request', 'table_name, table_sys_id, file_name and Content-Type are required');
  const record = world.state.tables[rootOf(table)]?.[sysId];
  if (record === undefined || !world.access(asked.user).sees(record)) return noRecord();
  if (!world.access(asked.user).writes(table))
    return failure(403, 'Operation Failed', 'ACL Exception Insert Failed due to security constraints');
  const at = stamp(world.now());
  const row: Row = {
    sys_id: newSysId(),
    table_name: table,
    table_sys_id: sysId,
    file_name: name,
    content_type: type,
    size_bytes: String(asked.body.length),
    hash: createHash('sha256').update(asked.body).digest('hex'),
    sys_created_on: at,
    sys_created_by: asked.user,
    sys_updated_on: at,
    sys_updated_by: asked.user,
    sys_mod_count: '0',
  };
  world.state.tables['sys_attachment'] ??= {};
  world.state.tables['sys_attachment'][row['sys_id'] ?? ''] = row;
  world.state.contents[row['sys_id'] ?? ''] = asked.body.toString('base64');
  await world.flush();
  const result = shown(asked, row);
  return json(201, { result }, { location: `${asked.url}${root}/${row['sys_id'] ?? ''}` });
}
