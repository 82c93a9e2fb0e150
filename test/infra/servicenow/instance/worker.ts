// A ServiceNow instance with the built application, on a thread of its own: its scripts wait for the network, and
// Handrail has to answer meanwhile.
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { type MessagePort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { columnsOf } from '../../../../src/sandbox/servicenow/dictionary.ts';
import { type Exchange, glide, type Session } from './glide.ts';
import { type AppRecord, openStore, type Row } from './store.ts';

const built = new URL('../../../../infra/servicenow/built/', import.meta.url);
const json = (name: string) => JSON.parse(readFileSync(new URL(name, built), 'utf8'));
const records: readonly AppRecord[] = json('records.json');
const of = (table: string): readonly AppRecord[] => records.filter((record) => record['record'] === table);

const { calls, network, signal } = workerData as {
  calls: MessagePort;
  network: MessagePort;
  signal: Int32Array;
};
/** What another node of the instance does while a script waits for its answer. */
let meanwhile: (() => unknown) | undefined;
const exchange: Exchange = (request) => {
  const other = meanwhile;
  meanwhile = undefined;
  other?.();
  Atomics.store(signal, 0, 0);
  network.postMessage(request);
  Atomics.wait(signal, 0, 0);
  return receiveMessageOnPort(network)?.message;
};

const session: Session = {
  user: 'system',
  properties: new Map(),
  errors: [],
  messages: [],
};
const own = of('sys_dictionary').filter(({ element }) => element !== undefined);
const custom = new Set(['incident.u_triage_suggestion']);
const store = openStore(
  {
    lengths: new Map(own.map((one) => [`${one['name']}.${one['element']}`, Number(one['max_length'])])),
    unique: new Set(['x_handrail_outbox.event_id']),
    isColumn: (table, column) =>
      own.some((one) => one['name'] === table && one['element'] === column) ||
      custom.has(`${table}.${column}`) ||
      columnsOf(table).includes(column),
  },
  () => session.user,
);
const classes = glide(store, records, session, exchange);
const { GlideRecord } = classes;

// The modules import Glide as a package and each other without an extension, as the platform's loader wants it.
const shared = globalThis as unknown as { glideOfTheInstance: typeof classes };
shared.glideOfTheInstance = classes;
const names = Object.keys(classes).join(', ');
registerHooks({
  resolve(specifier, context, next) {
    if (specifier === '@servicenow/glide' || specifier === '@servicenow/glide/sn_ws')
      return { url: 'glide:', shortCircuit: true };
    return next(context.parentURL?.startsWith(built.href) ? `${specifier}.js` : specifier, context);
  },
  load(url, context, next) {
    if (url !== 'glide:') return next(url, context);
    const source = `export const { ${names} } = globalThis.glideOfTheInstance;`;
    return { format: 'module', source, shortCircuit: true };
  },
});
const modules: Record<string, object> = {};
for (const [name, file] of Object.entries<string>(json('modules.json')))
  modules[name] = await import(fileURLToPath(new URL(file, built)));

/** Runs the script of a record as it stands in the built application. */
function runScript(record: AppRecord, current?: object, previous?: object): void {
  const script = new Function('require', 'current', 'previous', record['script'] ?? '');
  script((name: string) => modules[name], current, previous);
}

const waiting: (() => void)[] = [];
const rulesOf = (table: string, when: RegExp, isNew: boolean): readonly AppRecord[] =>
  of('sys_script')
    .filter(
      (rule) => rule['collection'] === table && when.test(rule['when'] ?? '') && rule['active'] === 'true',
    )
    .filter((rule) => rule[isNew ? 'action_insert' : 'action_update'] === 'true')
    .toSorted((a, b) => Number(a['order']) - Number(b['order']));
store.rules({
  before({ table, row }, previous) {
    for (const rule of rulesOf(table, /^before$/, previous === undefined))
      runScript(rule, new GlideRecord(table, row), previous && new GlideRecord(table, previous));
  },
  after({ table, row }, previous) {
    for (const rule of rulesOf(table, /^after$/, previous === undefined))
      runScript(rule, new GlideRecord(table, row), previous && new GlideRecord(table, previous));
    // no `previous` here, and who works is the scheduler
    for (const rule of rulesOf(table, /^async/, previous === undefined))
      waiting.push(() => as('system', () => runScript(rule, new GlideRecord(table, row))));
  },
});

function as<T>(user: string, act: () => T): T {
  const before = session.user;
  session.user = user;
  try {
    return act();
  } finally {
    session.user = before;
  }
}

const named = (table: string, name: string): AppRecord => {
  const found = of(table).find((record) => record['name'] === name);
  if (found === undefined) throw new Error(`${table} has no ${name}`);
  return found;
};

const doors = {
  /** A new instance: the application as it is installed, no data. */
  reset: () => {
    for (const { name = '', value = '' } of of('sys_properties')) session.properties.set(name, value);
    for (const list of [session.errors, session.messages, waiting]) list.length = 0;
    store.clear();
  },
  save: (table: string, row: Row, user: string) => as(user, () => store.write(table, row)),
  /** Runs asynchronous rules until none is left. */
  work: () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) next();
  },
  job: (name: string) => as('system', () => runScript(named('sysauto_script', name))),
  press: (name: string, table: string, sysId: string, user: string) =>
    as(user, () =>
      runScript(named('sys_ui_action', name), new GlideRecord(table, { ...store.table(table).get(sysId) })),
    ),
  meanwhile: (table: string, row: Row, user: string) => {
    meanwhile = () => as(user, () => store.write(table, row));
  },
  age: (seconds: number) => store.age(seconds),
  property: (name: string, value: string) => {
    if (!session.properties.has(name)) throw new Error(`no property ${name}`);
    session.properties.set(name, value);
  },
  rows: (table: string) => [...store.table(table).values()],
  told: () => ({ errors: session.errors, messages: session.messages }),
};
export type Doors = typeof doors;

calls.on('message', ({ door, args }: { door: keyof Doors; args: never[] }) => {
  try {
    const act = doors[door] as (...given: never[]) => unknown;
    calls.postMessage({ value: act(...args) });
  } catch (error) {
    calls.postMessage({ error });
  }
});
calls.postMessage({ value: 'ready' });
