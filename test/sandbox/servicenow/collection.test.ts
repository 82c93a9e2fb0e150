import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pythonFor } from '../../fakes/python.ts';
import { closeInstances, type Instance, ids, instance } from './instance.ts';

const run = promisify(execFile);
let python = '';
const user = '3'.repeat(32);

/** What a module answers. */
type Result = Readonly<Record<string, unknown>> & {
  readonly changed?: boolean;
  readonly msg?: string;
  readonly record?: Readonly<Record<string, unknown>>;
  readonly records?: readonly Readonly<Record<string, unknown>>[];
};

/** Runs a module of servicenow.itsm as Ansible does: the arguments on standard input, the result as JSON. */
async function module(name: string, args: Record<string, unknown>): Promise<Result> {
  const path = `ansible_collections.servicenow.itsm.plugins.modules.${name}`;
  const call = run(python, ['-W', 'ignore', '-m', path], { timeout: 60_000 });
  call.child.stdin?.end(JSON.stringify({ ANSIBLE_MODULE_ARGS: args }));
  const { stdout } = await call.catch((error: { stdout?: string }) => ({ stdout: error.stdout ?? '' }));
  return JSON.parse(stdout) as Result;
}

/**
 * The collection itself, where it is installed (`ansible-galaxy collection install servicenow.itsm`, or set
 * SERVICENOW_COLLECTION_PYTHON and PYTHONPATH; Debian's `ansible` leaves it out). clients.test.ts repeats what it sends for everybody else.
 */
describe('The Ansible collection servicenow.itsm against the simulated ServiceNow', () => {
  let sn: Instance;
  let login: Record<string, unknown>;
  let folder: string;
  before(async function () {
    const imports = 'import ansible_collections.servicenow.itsm.plugins.modules.incident';
    const found = await pythonFor(imports, process.env['SERVICENOW_COLLECTION_PYTHON']);
    if ('python' in found) {
      python = found.python;
      return;
    }
    process.stderr.write(`    SKIPPED: the collection servicenow.itsm cannot be used: ${found.missing}\n`);
    this.skip();
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'collection-'));
    sn = await instance({
      users: [{ user: 'person', password: 'pw', apiKey: 'key-1' }],
      oauthClients: [{ clientId: 'bot', clientSecret: 'shh', user: 'person' }],
      seed: {
        sys_user: [{ sys_id: user, user_name: 'nadia', name: 'Nadia' }],
        sys_user_group: [{ sys_id: ids.webTeam, name: 'Web Team', active: 'true' }],
        cmdb_ci_app_server: [{ sys_id: ids.web01, name: 'web01' }],
      },
    });
    login = { instance: { host: sn.url, username: 'person', password: 'pw' } };
  });
  afterEach(async () => {
    await closeInstances();
    await rm(folder, { recursive: true, force: true });
  });

  it('incident creates, finds nothing to change, changes, resolves and deletes', async () => {
    const made = await module('incident', {
      ...login,
      state: 'new',
      caller: 'nadia',
      short_description: 'shop is down',
      impact: 'high',
      urgency: 'medium',
      other: { cmdb_ci: ids.web01 },
    });
    assert.equal(made.changed, true, JSON.stringify(made));
    const { record = {} } = made;
    assert.deepEqual(
      [record['state'], record['impact'], record['caller_id'], record['cmdb_ci'], record['priority']],
      ['new', 'high', user, ids.web01, '2'],
    );
    const one = { ...login, number: record['number'] };
    assert.equal((await module('incident', { ...one, state: 'new', impact: 'high' })).changed, false);
    assert.equal(
      (await module('incident', { ...one, state: 'in_progress' })).record?.['state'],
      'in_progress',
    );
    const refused = await module('incident', { ...one, state: 'on_hold', hold_reason: 'awaiting_vendor' });
    assert.equal(refused.record?.['hold_reason'], 'awaiting_vendor', JSON.stringify(refused));
    const closing = { close_code: 'Solution provided', close_notes: 'Recycled the pool.' };
    const resolved = await module('incident', { ...one, state: 'resolved', ...closing });
    assert.equal(resolved.record?.['close_code'], 'Solution provided', JSON.stringify(resolved));
    assert.equal((await module('incident', { ...one, state: 'absent' })).changed, true);
    assert.equal((await module('incident', { ...one, state: 'absent' })).changed, false);
  });

  it('incident attaches files once, replaces those that differ, and attachment_info reads them back', async () => {
    const path = join(folder, 'evidence.txt');
    await writeFile(path, 'größer');
    const { record } = await module('incident', { ...login, caller: 'nadia', short_description: 'x' });
    const one = { ...login, number: record?.['number'], attachments: [{ path, type: 'text/plain' }] };
    const first = await module('incident', one);
    assert.equal(first.changed, true, JSON.stringify(first));
    assert.equal((await module('incident', one)).changed, false, 'the same hash');
    await writeFile(path, 'other');
    const second = await module('incident', one);
    const [file, more] = (second.record?.['attachments'] ?? []) as { sys_id: string }[];
    assert.equal(more, undefined, 'the old one is gone');
    const dest = join(folder, 'read-back');
    const read = await module('attachment_info', { ...login, sys_id: file?.sys_id, dest });
    assert.equal((read.record as { size?: number } | undefined)?.size, 5, JSON.stringify(read));
    assert.equal(await readFile(dest, 'utf8'), 'other');
    const uploaded = await module('attachment_upload', {
      ...login,
      table_name: 'incident',
      table_sys_id: record?.['sys_id'],
      attachments: [{ path, name: 'second.txt', type: 'text/plain' }],
    });
    assert.equal(uploaded.changed, true, JSON.stringify(uploaded));
  });

  it('incident_info queries, pages over more than it asks for at once, and shows display values', async () => {
    for (const short_description of ['SAP is slow', 'SAP is down', 'mail'])
      await module('incident', { ...login, caller: 'nadia', short_description });
    const found = await module('incident_info', {
      ...login,
      query: [
        { short_description: 'LIKE SAP', state: '= new' },
        { caller: '= nadia', short_description: 'STARTSWITH mai' },
      ],
    });
    assert.equal(found.records?.length, 3, JSON.stringify(found));
    const raw = await module('incident_info', {
      ...login,
      sysparm_query: 'short_descriptionLIKESAP^short_description!=SAP is slow^ORDERBYDESCnumber',
    });
    assert.deepEqual(
      raw.records?.map((record) => record['short_description']),
      ['SAP is down'],
    );
    const shown = await module('incident_info', {
      ...login,
      query: [{ short_description: '= mail' }],
      sysparm_display_value: 'true',
    });
    assert.deepEqual(
      shown.records?.map((record) => [record['caller_id'], record['state']]),
      [['Nadia', 'New']],
    );
    const long = Array.from({ length: 300 }, (_, n) => `INC${String(n).padStart(7, '9')}`).join(',');
    const tiny = await module('incident_info', { ...login, sysparm_query: `numberIN${long}` });
    assert.deepEqual(tiny.records, [], 'an address too long for one is shortened');
  });

  it('change_request goes from new to closed, and change_request_info finds it', async () => {
    const made = await module('change_request', {
      ...login,
      type: 'normal',
      state: 'new',
      requested_by: 'nadia',
      short_description: 'patch web01',
      other: { cmdb_ci: ids.web01, start_date: '2026-11-22 10:00:00', end_date: '2026-11-22 12:00:00' },
    });
    assert.equal(made.changed, true, JSON.stringify(made));
    const one = { ...login, number: made.record?.['number'] };
    const assessed = await module('change_request', {
      ...one,
      state: 'assess',
      assignment_group: 'Web Team',
    });
    assert.deepEqual(
      [assessed.record?.['state'], assessed.record?.['assignment_group']],
      ['assess', ids.webTeam],
      JSON.stringify(assessed),
    );
    const held = await module('change_request', { ...one, on_hold: true, hold_reason: 'vendor' });
    assert.equal(held.record?.['on_hold'], true, JSON.stringify(held));
    const closed = await module('change_request', {
      ...one,
      state: 'closed',
      close_code: 'successful',
      close_notes: 'done',
    });
    assert.equal(closed.record?.['state'], 'closed', JSON.stringify(closed));
    const found = await module('change_request_info', {
      ...login,
      query: [{ requested_by: '= nadia', state: '= closed' }],
    });
    assert.equal(found.records?.length, 1, JSON.stringify(found));
  });

  it('configuration_item creates in a class, finds nothing to change, and changes', async () => {
    const item = { ...login, name: 'db02', sys_class_name: 'cmdb_ci_linux_server' };
    const made = await module('configuration_item', {
      ...item,
      environment: 'production',
      ip_address: '10.0.0.2',
    });
    assert.equal(made.changed, true, JSON.stringify(made));
    const same = await module('configuration_item', { ...item, environment: 'production' });
    assert.equal(same.changed, false, JSON.stringify(same));
    const changed = await module('configuration_item', { ...item, install_status: 'in_maintenance' });
    assert.equal(changed.record?.['install_status'], 'in_maintenance', JSON.stringify(changed));
    const found = await module('configuration_item_info', {
      ...login,
      sys_class_name: 'cmdb_ci_linux_server',
      name: 'db02',
    });
    assert.equal(found.records?.[0]?.['environment'], 'production', JSON.stringify(found));
  });

  it('api creates, patches and deletes a record of any table, and api_info reads chosen columns', async () => {
    const made = await module('api', {
      ...login,
      resource: 'sys_user_grmember',
      action: 'post',
      data: { user, group: ids.webTeam },
    });
    assert.equal(made.changed, true, JSON.stringify(made));
    const read = await module('api_info', {
      ...login,
      resource: 'sys_user_grmember',
      columns: ['user', 'group'],
      exclude_reference_link: true,
      sysparm_query: 'group.name=Web Team',
    });
    assert.deepEqual(read.record, [{ group: ids.webTeam, user }], JSON.stringify(read));
    const gone = await module('api', {
      ...login,
      resource: 'sys_user_grmember',
      action: 'delete',
      sys_id: made.record?.['sys_id'],
    });
    assert.equal(gone.changed, true, JSON.stringify(gone));
  });

  for (const [how, instance] of [
    ['a password', { username: 'person', password: 'pw' }],
    ['an API key', { api_key: 'key-1' }],
    ['OAuth and a password', { username: 'person', password: 'pw', client_id: 'bot', client_secret: 'shh' }],
    [
      'OAuth client credentials',
      { grant_type: 'client_credentials', client_id: 'bot', client_secret: 'shh' },
    ],
  ] as const)
    it(`signs in with ${how}`, async () => {
      const found = await module('incident_info', { instance: { host: sn.url, ...instance } });
      assert.deepEqual(found.records, [], JSON.stringify(found));
    });

  it('is told why it is not let in, and what a policy wants', async () => {
    const wrong = { instance: { host: sn.url, username: 'person', password: 'no' } };
    assert.match((await module('incident_info', wrong)).msg ?? '', /Failed to authenticate/);
    const { record } = await module('incident', { ...login, caller: 'nadia', short_description: 'x' });
    const refused = await module('api', {
      ...login,
      resource: 'incident',
      action: 'patch',
      sys_id: record?.['sys_id'],
      data: { state: '6' },
    });
    assert.match(refused.msg ?? '', /403.*Data Policy Exception/);
  });
});
