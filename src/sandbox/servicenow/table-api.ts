import type { Access } from './access.ts';
import { belongs, choiceOf, isTable, rootOf } from './dictionary.ts';
import { type Answer, type Asked, failure, json, noRecord, objectOf, says } from './http.ts';
import { page, present } from './present.ts';
import { knownColumns, select } from './query.ts';
import { insert, type Saved, update } from './rules.ts';
import type { Scope } from './scripts.ts';
import { type Row, rowIn, rowsOf, type State } from './state.ts';

/** What the table API needs around it. */
export type TableWorld = {
  readonly state: State;
  /** The property glide.invalid_query.returns_no_rows. */
  readonly strictQueries: boolean;
  now(): Date;
  access(user: string): Access;
  /** Called inside the write, before it is on disk. */
  saved(table: string, row: Row, changed: readonly string[], inserted: boolean, user: string): void;
  flush(): Promise<void>;
};

const route = /^\/api\/now\/(?:v[12]\/)?table\/([a-z0-9_]+)(?:\/([^/]+))?$/;

/** Answers a Table API request; undefined when the path is not one. */
export async function tableApi(world: TableWorld, asked: Asked): Promise<Answer | undefined> {
  const [, table, sysId] = route.exec(asked.path) ?? [];
  if (table === undefined) return undefined;
  const classes = new Set(rowsOf(world.state, 'cmdb_ci').map((row) => row['sys_class_name'] ?? ''));
  if (!isTable(table, classes)) return failure(400, `Invalid table ${table}`);
  if (!world.access(asked.user).reaches(table))
    return failure(403, 'User Not Authorized', 'Failed API level ACL Validation');
  if (asked.method === 'GET')
    return sysId === undefined ? list(world, asked, table) : one(world, asked, table, sysId);
  const wrong = headersWrong(asked);
  if (wrong !== undefined) return wrong;
  if (asked.method === 'DELETE')
    return sysId === undefined ? failure(405, 'Method not allowed') : remove(world, asked, table, sysId);
  return write(world, asked, table, sysId);
}

function rowOf(world: TableWorld, asked: Asked, table: string, sysId: string): Row | undefined {
  const row = rowIn(world.state, table, sysId);
  if (row === undefined || !belongs(row['sys_class_name'] ?? table, table)) return undefined;
  return world.access(asked.user).sees(row) ? row : undefined;
}

function one(world: TableWorld, asked: Asked, table: string, sysId: string): Answer {
  const row = rowOf(world, asked, table, sysId);
  return row === undefined ? noRecord() : json(200, { result: shown(world, asked, table, row) });
}

/** The columns the caller may see. */
function shown(world: TableWorld, asked: Asked, table: string, row: Row): Record<string, unknown> {
  const { touches } = world.access(asked.user);
  const cells = Object.entries(present(world.state, asked, table, row));
  return Object.fromEntries(cells.filter(([path]) => touches(table, path.split('.')[0] ?? '')));
}

export function scopeOf(world: Pick<TableWorld, 'state' | 'now'>, asked: Asked): Scope {
  const user = rowsOf(world.state, 'sys_user').find((row) => row['user_name'] === asked.user);
  return { userId: user?.['sys_id'] ?? '', userName: asked.user, now: world.now() };
}

function list(world: TableWorld, asked: Asked, table: string): Answer {
  const { state, strictQueries: strict } = world;
  const known = knownColumns(state, table);
  // Parameters named like a column filter too.
  const extra = [...asked.query]
    .filter(([name]) => known.has(name))
    .map(([name, value]) => `${name}=${value}`);
  const encoded = [asked.query.get('sysparm_query') ?? '', ...extra].filter((part) => part !== '').join('^');
  const rows = rowsOf(state, rootOf(table)).filter((row) => belongs(row['sys_class_name'] ?? table, table));
  const found = page(asked, select(state, table, rows, encoded, { scope: scopeOf(world, asked), strict }));
  // The limit came first, access rules come now: a page may be short or empty and not be the last.
  const visible = found.rows.filter(world.access(asked.user).sees);
  // Version 1 answers 404 where version 2 answers an empty list.
  if (visible.length === 0 && asked.path.startsWith('/api/now/v1/')) return noRecord();
  return json(200, { result: visible.map((row) => shown(world, asked, table, row)) }, found.headers);
}

/** Accept always, and Content-Type where there is a body. */
function headersWrong(asked: Asked): Answer | undefined {
  const { accept, 'content-type': type } = asked.headers;
  if (accept === undefined || (type === undefined && asked.method !== 'DELETE'))
    return failure(400, 'Bad Request', 'Accept and Content-Type headers are required');
  if (!/\*\/\*|application\/(\*|json)/.test(accept)) return failure(406, 'Not Acceptable');
  if (type !== undefined && !type.startsWith('application/json'))
    return failure(415, 'Unsupported Media Type');
  return undefined;
}

/** Journal entries and files come into being with what they belong to; a task is written through its own table here. */
const closed = (table: string): boolean => ['sys_journal_field', 'sys_attachment', 'task'].includes(table);

const forbidden = (act: 'Insert' | 'Update' | 'Delete'): Answer =>
  failure(403, 'Operation Failed', `ACL Exception ${act} Failed due to security constraints`);

async function write(
  world: TableWorld,
  asked: Asked,
  table: string,
  sysId: string | undefined,
): Promise<Answer> {
  const body = objectOf(asked.body);
  if (body === undefined)
    return failure(400, 'Exception while reading request', 'The request body is no JSON object');
  const inserts = asked.method === 'POST' && sysId === undefined;
  if (closed(table) || !world.access(asked.user).writes(table))
    return forbidden(inserts ? 'Insert' : 'Update');
  const input = texts(world, asked, table, body);
  if (inserts) return create(world, asked, table, input);
  if ((asked.method === 'PATCH' || asked.method === 'PUT') && sysId !== undefined)
    return change(world, asked, table, sysId, input);
  return failure(405, 'Method not allowed');
}

/**
 * What is written, as text whatever JSON type it came as. Columns the table does not have, and columns the caller may not
 * write, are left out without a word; custom ones come into being.
 */
function texts(world: TableWorld, asked: Asked, table: string, body: Readonly<Record<string, unknown>>): Row {
  const known = knownColumns(world.state, table);
  const { touches } = world.access(asked.user);
  const labels = says(asked, 'sysparm_input_display_value');
  return Object.fromEntries(
    Object.entries(body)
      .filter(
        ([name, value]) => typeof value !== 'object' && (known.has(name) || /^[ux]_[a-z0-9_]+$/.test(name)),
      )
      .filter(([name]) => touches(table, name))
      .map(([name, value]) => [name, labels ? choiceOf(rootOf(table), name, String(value)) : String(value)]),
  );
}

const refused = (saved: Extract<Saved, { ok: false }>): Answer =>
  failure(403, 'Operation Failed', saved.detail);

async function create(world: TableWorld, asked: Asked, table: string, input: Row): Promise<Answer> {
  const saved = insert(world.state, table, input, { user: asked.user, now: world.now() });
  if (!saved.ok) return refused(saved);
  world.saved(table, saved.row, saved.changed, true, asked.user);
  await world.flush();
  const location = `${asked.url}/api/now/table/${table}/${saved.row['sys_id'] ?? ''}`;
  return json(201, { result: shown(world, asked, table, saved.row) }, { location });
}

async function change(
  world: TableWorld,
  asked: Asked,
  table: string,
  sysId: string,
  input: Row,
): Promise<Answer> {
  const before = rowOf(world, asked, table, sysId);
  if (before === undefined) return noRecord();
  const own = rootOf(table) === 'cmdb_ci' ? (before['sys_class_name'] ?? table) : table;
  const saved = update(world.state, own, before, input, { user: asked.user, now: world.now() });
  if (!saved.ok) return refused(saved);
  world.saved(table, saved.row, saved.changed, false, asked.user);
  await world.flush();
  if (asked.headers['x-no-response-body'] === 'true') return { status: 204 };
  return json(200, { result: shown(world, asked, table, saved.row) });
}

async function remove(world: TableWorld, asked: Asked, table: string, sysId: string): Promise<Answer> {
  if (rowOf(world, asked, table, sysId) === undefined) return noRecord();
  if (closed(table) || !world.access(asked.user).writes(table)) return forbidden('Delete');
  delete world.state.tables[rootOf(table)]?.[sysId];
  await world.flush();
  return { status: 204 };
}
