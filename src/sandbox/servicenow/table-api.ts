import { belongs, columnsOf, isTable, rootOf } from './dictionary.ts';
import { type Answer, type Asked, failure, json, noRecord, objectOf } from './http.ts';
import { page, present } from './present.ts';
import { select } from './query.ts';
import { insert, type Saved, update } from './rules.ts';
import { type Row, rowsOf, type State } from './state.ts';

/** What the table API needs around it. */
export type TableWorld = {
  readonly state: State;
  now(): Date;
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
  if (asked.method === 'GET')
    return sysId === undefined ? list(world.state, asked, table) : one(world.state, asked, table, sysId);
  const wrong = headersWrong(asked);
  if (wrong !== undefined) return wrong;
  return write(world, asked, table, sysId);
}

function rowOf(state: State, table: string, sysId: string): Row | undefined {
  const row = state.tables[rootOf(table)]?.[sysId];
  return row !== undefined && belongs(row['sys_class_name'] ?? table, table) ? row : undefined;
}

function one(state: State, asked: Asked, table: string, sysId: string): Answer {
  const row = rowOf(state, table, sysId);
  return row === undefined ? noRecord() : json(200, { result: present(state, asked, table, row) });
}

function list(state: State, asked: Asked, table: string): Answer {
  const known = new Set([
    ...columnsOf(table),
    ...rowsOf(state, rootOf(table)).flatMap((row) => Object.keys(row)),
  ]);
  // Parameters named like a column filter too.
  const extra = [...asked.query]
    .filter(([name]) => known.has(name))
    .map(([name, value]) => `${name}=${value}`);
  const encoded = [asked.query.get('sysparm_query') ?? '', ...extra].filter((part) => part !== '').join('^');
  const rows = rowsOf(state, rootOf(table)).filter((row) => belongs(row['sys_class_name'] ?? table, table));
  const shown = page(asked, select(state, table, rows, encoded));
  // Version 1 answers 404 where version 2 answers an empty list.
  if (shown.rows.length === 0 && asked.path.startsWith('/api/now/v1/')) return noRecord();
  return json(200, { result: shown.rows.map((row) => present(state, asked, table, row)) }, shown.headers);
}

function headersWrong(asked: Asked): Answer | undefined {
  const { accept, 'content-type': type } = asked.headers;
  if (accept === undefined || type === undefined)
    return failure(400, 'Bad Request', 'Accept and Content-Type headers are required');
  if (!/\*\/\*|application\/(\*|json)/.test(accept)) return failure(406, 'Not Acceptable');
  if (!type.startsWith('application/json')) return failure(415, 'Unsupported Media Type');
  return undefined;
}

async function write(
  world: TableWorld,
  asked: Asked,
  table: string,
  sysId: string | undefined,
): Promise<Answer> {
  const body = objectOf(asked.body);
  if (body === undefined)
    return failure(400, 'Exception while reading request', 'The request body is no JSON object');
  if (table === 'sys_journal_field' || table === 'sys_attachment')
    return failure(403, 'Operation Failed', 'ACL Exception Insert Failed due to security constraints');
  const input = texts(body);
  if (asked.method === 'POST' && sysId === undefined) return create(world, asked, table, input);
  if ((asked.method === 'PATCH' || asked.method === 'PUT') && sysId !== undefined)
    return change(world, asked, table, sysId, input);
  return failure(405, 'Method not allowed');
}

/** Values are stored as text, whatever JSON type they came as. */
const texts = (body: Readonly<Record<string, unknown>>): Row =>
  Object.fromEntries(
    Object.entries(body)
      .filter(([name, value]) => /^[a-z][a-z0-9_]*$/.test(name) && typeof value !== 'object')
      .map(([name, value]) => [name, String(value)]),
  );

const refused = (saved: Extract<Saved, { ok: false }>): Answer =>
  failure(403, 'Operation Failed', saved.detail);

async function create(world: TableWorld, asked: Asked, table: string, input: Row): Promise<Answer> {
  const saved = insert(world.state, table, input, { user: asked.user, now: world.now() });
  if (!saved.ok) return refused(saved);
  world.saved(table, saved.row, saved.changed, true, asked.user);
  await world.flush();
  const result = present(world.state, asked, table, saved.row);
  return json(
    201,
    { result },
    { location: `${asked.url}/api/now/table/${table}/${saved.row['sys_id'] ?? ''}` },
  );
}

async function change(
  world: TableWorld,
  asked: Asked,
  table: string,
  sysId: string,
  input: Row,
): Promise<Answer> {
  const before = rowOf(world.state, table, sysId);
  if (before === undefined) return noRecord();
  const own = rootOf(table) === 'cmdb_ci' ? (before['sys_class_name'] ?? table) : table;
  const saved = update(world.state, own, before, input, { user: asked.user, now: world.now() });
  if (!saved.ok) return refused(saved);
  world.saved(table, saved.row, saved.changed, false, asked.user);
  await world.flush();
  if (asked.headers['x-no-response-body'] === 'true') return { status: 204 };
  return json(200, { result: present(world.state, asked, table, saved.row) });
}
