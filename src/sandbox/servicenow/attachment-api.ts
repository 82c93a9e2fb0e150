import { createHash } from 'node:crypto';
import { rootOf } from './dictionary.ts';
import { type Answer, type Asked, failure, json, noRecord } from './http.ts';
import { page } from './present.ts';
import { select } from './query.ts';
import { newSysId, type Row, rowsOf, type State, stamp } from './state.ts';
import type { TableWorld } from './table-api.ts';

const root = '/api/now/attachment';

/** Answers an Attachment API request; undefined when the path is not one. */
export async function attachmentApi(world: TableWorld, asked: Asked): Promise<Answer | undefined> {
  const path = asked.path.replace(/^\/api\/now\/v[12]\//, '/api/now/');
  if (path !== root && !path.startsWith(`${root}/`)) return undefined;
  if (asked.method === 'POST' && path === `${root}/file`) return upload(world, asked);
  if (asked.method !== 'GET') return failure(405, 'Method not allowed');
  if (path === root) return list(world.state, asked);
  const [sysId = '', what] = path.slice(root.length + 1).split('/');
  const row = world.state.tables['sys_attachment']?.[sysId];
  if (row === undefined) return noRecord();
  return what === 'file' ? download(world.state, row) : json(200, { result: shown(asked, row) });
}

const shown = (asked: Asked, row: Row) => ({
  ...row,
  download_link: `${asked.url}${root}/${row['sys_id'] ?? ''}/file`,
});

function list(state: State, asked: Asked): Answer {
  const filters = ['table_name', 'table_sys_id', 'file_name'].flatMap((name) => {
    const value = asked.query.get(name);
    return value === null ? [] : [`${name}=${value}`];
  });
  const encoded = [asked.query.get('sysparm_query') ?? '', ...filters]
    .filter((part) => part !== '')
    .join('^');
  const found = page(asked, select(state, 'sys_attachment', rowsOf(state, 'sys_attachment'), encoded));
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
  if (world.state.tables[rootOf(table)]?.[sysId] === undefined) return noRecord();
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
