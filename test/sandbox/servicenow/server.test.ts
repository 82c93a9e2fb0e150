import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closeInstances, ids, instance } from './instance.ts';

const incidents = '/api/now/table/incident';

describe('The simulated ServiceNow', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'servicenow-'));
  });
  afterEach(async () => {
    await closeInstances();
    await rm(folder, { recursive: true });
  });

  it('has every acknowledged write on disk before it answers, and finds it again after a restart', async () => {
    const stateFile = join(folder, 'state', 'servicenow.json');
    const first = await instance({ stateFile });
    const made = await Promise.all(
      ['a', 'b', 'c'].map((short_description) => first.call('POST', incidents, { short_description })),
    );
    const onDisk = await readFile(stateFile, 'utf8');
    for (const { result } of made) assert.ok(onDisk.includes(result['sys_id'] ?? '?'));
    await closeInstances();

    const second = await instance({ stateFile });
    assert.equal((await second.call('GET', incidents)).rows.length, 3);
    const next = await second.call('POST', incidents, {});
    assert.equal(next.result['number'], 'INC0010004');
    assert.equal((await second.call('GET', '/api/now/table/cmdb_ci')).rows.length, 2);
  });

  it('does not start on a state file it cannot read, and leaves the file alone', async () => {
    const stateFile = join(folder, 'broken.json');
    await writeFile(stateFile, '{"tables":');
    await assert.rejects(instance({ stateFile }), /cannot be read/);
    assert.equal(await readFile(stateFile, 'utf8'), '{"tables":');
  });

  it('gives out OAuth tokens for a form and for nothing else', async () => {
    const sn = await instance({
      oauthClients: [{ clientId: 'bot', clientSecret: 'shh', user: 'handrail' }],
    });
    const ask = (body: URLSearchParams | string, type = 'application/x-www-form-urlencoded') =>
      fetch(`${sn.url}/oauth_token.do`, { method: 'POST', headers: { 'content-type': type }, body });
    const form = { grant_type: 'client_credentials', client_id: 'bot', client_secret: 'shh' };
    const granted = await ask(new URLSearchParams(form));
    const token = (await granted.json()) as Record<string, unknown>;
    assert.equal(token['token_type'], 'Bearer');
    const again = (await (await ask(new URLSearchParams(form))).json()) as Record<string, unknown>;
    assert.equal(again['access_token'], token['access_token']);
    const authorization = `Bearer ${String(token['access_token'])}`;
    assert.equal((await fetch(sn.url + incidents, { headers: { authorization } })).status, 200);

    const wrong = await ask(new URLSearchParams({ ...form, client_secret: 'no' }));
    assert.equal(wrong.status, 401);
    assert.deepEqual(await wrong.json(), { error: 'invalid_client', error_description: 'access_denied' });
    assert.equal((await ask(JSON.stringify(form), 'application/json')).status, 401);
  });

  it('gives out tokens for a password, and for a refresh token of the same client', async () => {
    const sn = await instance({
      users: [{ user: 'person', password: 'pw', apiKey: 'key-1' }],
      oauthClients: [
        { clientId: 'bot', clientSecret: 'shh', user: 'handrail' },
        { clientId: 'other', clientSecret: 'shh', user: 'handrail' },
      ],
    });
    const ask = async (form: Record<string, string>) => {
      const body = new URLSearchParams({ client_id: 'bot', client_secret: 'shh', ...form });
      const answer = await fetch(`${sn.url}/oauth_token.do`, { method: 'POST', body });
      return { status: answer.status, token: (await answer.json()) as Record<string, string> };
    };
    const given = await ask({ grant_type: 'password', username: 'person', password: 'pw' });
    assert.equal(given.status, 200);
    const refresh_token = given.token['refresh_token'] ?? '';
    const again = await ask({ grant_type: 'refresh_token', refresh_token });
    assert.equal(again.token['access_token'], given.token['access_token']);
    for (const wrong of [
      { grant_type: 'password', username: 'person', password: 'no' },
      { grant_type: 'refresh_token', refresh_token: 'no' },
      { grant_type: 'refresh_token', refresh_token, client_id: 'other' },
      { grant_type: 'authorization_code' },
    ])
      assert.equal((await ask(wrong)).status, 401, JSON.stringify(wrong));
    for (const [headers, status] of [
      [{ authorization: `Bearer ${again.token['access_token']}` }, 200],
      [{ 'x-sn-apikey': 'key-1' }, 200],
      [{ 'x-sn-apikey': 'key-2' }, 401],
    ] as const)
      assert.equal((await fetch(sn.url + incidents, { headers })).status, status);
  });

  it('refuses too many requests with Retry-After', async () => {
    const sn = await instance({ rateLimit: { requests: 1, windowSeconds: 60 } });
    const within = await sn.call('GET', incidents);
    assert.deepEqual([within.status, within.headers.get('x-ratelimit-limit')], [200, '1']);
    const limited = await sn.call('GET', incidents);
    assert.equal(limited.status, 429);
    assert.match(limited.headers.get('retry-after') ?? '', /^\d+$/);
    assert.equal(limited.headers.get('x-ratelimit-limit'), '1');
  });

  it('keeps a table from a user who may not read it', async () => {
    const users = [{ user: 'person', password: 'pw', deniedTables: ['sys_journal_field'] }];
    const sn = await instance({ users });
    assert.equal((await sn.call('GET', '/api/now/table/sys_journal_field')).status, 403);
  });

  it('commits and then drops the answer when told to', async () => {
    const sn = await instance();
    const fault = { path: incidents, method: 'POST', drop: 'after' };
    assert.equal((await sn.call('POST', '/__sandbox/faults', fault)).status, 201);
    await assert.rejects(sn.call('POST', incidents, { short_description: 'lost answer' }));
    assert.equal((await sn.call('GET', incidents)).rows.length, 1);
    assert.equal((await sn.call('POST', incidents, {})).status, 201, 'the fault is used up');
    const counts = await sn.call('GET', '/__sandbox/requests');
    assert.equal(counts.body['POST /api/now/table/incident'], 2);
  });

  it('answers with the status and body of a fault as often as asked', async () => {
    const sn = await instance();
    await sn.call('POST', '/__sandbox/faults', { status: 503, times: 2, body: '{"busy":true}' });
    const got = [
      await sn.call('GET', incidents),
      await sn.call('GET', incidents),
      await sn.call('GET', incidents),
    ];
    assert.deepEqual(
      got.map((answer) => answer.status),
      [503, 503, 200],
    );
    assert.deepEqual(got[0]?.body, { busy: true });
    assert.equal((await sn.call('POST', '/__sandbox/faults', { statsu: 503 })).status, 400);
  });

  it('keeps attachments with their hash', async () => {
    const sn = await instance();
    const made = await sn.call('POST', incidents, {});
    const where = `table_name=incident&table_sys_id=${made.result['sys_id']}`;
    const authorization = `Basic ${btoa('person:pw')}`;
    const uploaded = await fetch(`${sn.url}/api/now/attachment/file?${where}&file_name=log.txt`, {
      method: 'POST',
      headers: { authorization, accept: 'application/json', 'content-type': 'text/plain' },
      body: 'hello',
    });
    assert.equal(uploaded.status, 201);
    const listed = await sn.call('GET', `/api/now/attachment?${where}`);
    assert.deepEqual(
      listed.rows.map((row) => [row['file_name'], row['size_bytes'], row['hash']]),
      [['log.txt', '5', '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824']],
    );
    const file = await fetch(listed.rows[0]?.['download_link'] ?? '', { headers: { authorization } });
    assert.equal(await file.text(), 'hello');
    assert.match(file.headers.get('x-attachment-metadata') ?? '', /"size_bytes":"5"/);
    const at = `/api/now/attachment/${listed.rows[0]?.['sys_id']}`;
    assert.equal((await sn.call('DELETE', at)).status, 204);
    assert.equal((await sn.call('GET', at)).status, 404);
    assert.equal((await sn.call('DELETE', at)).status, 404);
  });

  it('shows incidents to people, with every text escaped', async () => {
    const sn = await instance();
    const nasty = '<script>alert("x")</script>';
    const made = await sn.call('POST', incidents, {
      short_description: nasty,
      cmdb_ci: ids.web01,
      approval: 'requested',
    });
    await sn.call('PATCH', `${incidents}/${made.result['sys_id']}`, { work_notes: `note ${nasty}` });
    const list = await (await fetch(`${sn.url}/`)).text();
    const page = await (await fetch(`${sn.url}/incident/INC0010001`)).text();
    for (const html of [list, page]) {
      assert.ok(!html.includes('<script'));
      assert.ok(html.includes('&lt;script&gt;'));
      assert.ok(html.includes('web01'));
      assert.ok(html.includes('Requested'));
    }
    assert.ok(page.includes('note &lt;script&gt;'));
    assert.equal((await fetch(`${sn.url}/incident/INC9999999`)).status, 404);
  });

  it('does not answer under a foreign host name', async () => {
    const sn = await instance();
    const status = await new Promise((resolve, reject) => {
      request(`${sn.url}/`, { headers: { host: 'evil.example' } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
    assert.equal(status, 421);
  });
});
