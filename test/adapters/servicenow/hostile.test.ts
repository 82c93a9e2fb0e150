import assert from 'node:assert/strict';
import fc from 'fast-check';
import { AppError } from '../../../src/domain/errors.ts';
import type { TicketUpdate } from '../../../src/ports.ts';
import { client, closeScripted, fault, ids, password, reply, row, scripted } from './instance.ts';

const note: TicketUpdate = { sysId: ids.incident, marker: '[handrail run-1 started]', workNote: 'Started.' };
const otherId = 'f'.repeat(32);
const at = new Date('2026-11-22T11:00:00Z');

/** The error a call ends in. */
async function errorOf(call: Promise<unknown>): Promise<AppError> {
  const error: unknown = await call.then(
    () => assert.fail('the call did not fail'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof AppError, String(error));
  return error;
}

describe('The ServiceNow client against a ServiceNow that misbehaves', () => {
  afterEach(closeScripted);

  it('refuses another record than the one it asked for', async () => {
    const { url } = await scripted((_got, response) =>
      reply(response, 200, { result: row({ sys_id: otherId }) }),
    );
    assert.match((await errorOf(client(url).incident({ sysId: ids.incident }))).message, /other records/);
  });

  it('refuses the rows of a query that was ignored', async () => {
    const { url } = await scripted((_got, response) =>
      reply(response, 200, { result: [row(), row({ sys_id: otherId, number: 'INC0010002' })] }),
    );
    const error = await errorOf(client(url).incident({ number: 'INC0010001' }));
    assert.equal(error.code, 'itsm-refused');
    assert.match(error.fix, /glide\.invalid_query\.returns_no_rows/);
  });

  it('refuses changes of another configuration item', async () => {
    const { url } = await scripted((_got, response) =>
      reply(response, 200, { result: [{ sys_id: otherId, cmdb_ci: otherId, number: 'CHG1' }] }),
    );
    assert.equal((await errorOf(client(url).changes(ids.ci, at))).code, 'itsm-refused');
  });

  it('refuses two incidents with one number', async () => {
    const { url } = await scripted((_got, response) =>
      reply(response, 200, { result: [row(), row({ sys_id: otherId })] }, { 'x-total-count': '2' }),
    );
    assert.match(
      (await errorOf(client(url).incident({ number: 'INC0010001' }))).message,
      /several incidents/,
    );
  });

  it('sends nothing for a text that is neither sys_id nor number', async () => {
    const { url, got } = await scripted((_got, response) => reply(response, 200, { result: [] }));
    const itsm = client(url);
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom(
        'INC0010001^ORstate=1',
        'javascript:gs.getUserID()',
        `${ids.ci}^x=1`,
        `${ids.ci}\n`,
        '../x',
      ),
    );
    await fc.assert(
      fc.asyncProperty(text, async (ticketText) => {
        fc.pre(!/^\s*[a-z]{2,10}\d{4,15}\s*$/i.test(ticketText));
        assert.equal(await itsm.incident({ number: ticketText }), undefined);
        assert.equal(await itsm.incident({ sysId: ticketText }), undefined);
        assert.equal(await itsm.ci(ticketText), undefined);
        assert.deepEqual(await itsm.changes(ticketText, at), []);
      }),
      { numRuns: 50 },
    );
    assert.equal(got.length, 0);
  });

  it('follows pages past an empty one, by offset only, and gives no credentials to the host of a link', async () => {
    const other = await scripted((_got, response) => reply(response, 200, { result: [] }));
    const change = {
      sys_id: otherId,
      cmdb_ci: ids.ci,
      number: 'CHG1',
      state: '-1',
      approval: 'approved',
      on_hold: 'false',
      start_date: '2026-11-22 10:00:00',
      end_date: '2026-11-22 12:00:00',
    };
    const { url, got } = await scripted((one, response) => {
      if (one.path.endsWith('/task_ci')) return reply(response, 200, { result: [] });
      const offset = Number(one.query.get('sysparm_offset'));
      const link =
        offset >= 400 ? {} : { link: `<${other.url}/x?sysparm_offset=${offset + 200}>;rel="next"` };
      reply(response, 200, { result: offset === 400 ? [change] : [] }, { 'x-total-count': '401', ...link });
    });
    const found = await client(url).changes(ids.ci, at);
    assert.deepEqual(
      found.map((one) => one.number),
      ['CHG1'],
    );
    assert.equal(got.filter(({ path }) => path.endsWith('/change_request')).length, 3);
    assert.equal(other.got.length, 0);
  });

  it('does not page for ever', async () => {
    const { url, got } = await scripted((one, response) => {
      const next = Number(one.query.get('sysparm_offset')) + 1;
      reply(response, 200, { result: [] }, { link: `<http://x/?sysparm_offset=${next}>;rel="next"` });
    });
    const itsm = client(url, { mappings: { changeAffected: false } });
    assert.equal((await errorOf(itsm.changes(ids.ci, at))).code, 'itsm-refused');
    assert.ok(got.length <= 100);
  });

  it('asks for raw values and takes a reference apart that comes as a link all the same', async () => {
    const { url, got } = await scripted((_got, response) =>
      reply(response, 200, { result: { ...row(), cmdb_ci: { link: 'http://x/y', value: ids.ci } } }),
    );
    const incident = await client(url).incident({ sysId: ids.incident });
    assert.equal(incident?.ciSysId, ids.ci);
    assert.equal(got[0]?.query.get('sysparm_exclude_reference_link'), 'true');
    assert.equal(got[0]?.query.get('sysparm_display_value'), 'false');
  });

  it('tries a read three times when a web page comes instead of the API, and then says so', async () => {
    const { url, got } = await scripted((_got, response) => reply(response, 200, '<html>hibernating</html>'));
    const error = await errorOf(client(url).incident({ sysId: ids.incident }));
    assert.equal(error.code, 'itsm-unreachable');
    assert.match(error.fix, /awake/);
    assert.equal(got.length, 3);
  });

  it("does not take a gateway's 404 page for a missing incident", async () => {
    const { url } = await scripted((_got, response) => reply(response, 404, '<html>no route</html>'));
    assert.equal((await errorOf(client(url).incident({ sysId: ids.incident }))).code, 'itsm-refused');
  });

  it('follows no redirect', async () => {
    const other = await scripted((_got, response) => reply(response, 200, { result: row() }));
    const { url } = await scripted((_got, response) => reply(response, 302, '', { location: other.url }));
    assert.match((await errorOf(client(url).incident({ sysId: ids.incident }))).fix, /redirects/);
    assert.equal(other.got.length, 0);
  });

  for (const [status, body, code, fix] of [
    [400, fault('Invalid table x'), 'itsm-refused', /Invalid table x.*mappings/],
    [401, fault('User is not authenticated'), 'itsm-refused', /user and secret/],
    [403, fault('Operation Failed', 'ACL Exception'), 'itsm-refused', /right to read: GET incident/],
    [406, fault('Not Acceptable'), 'itsm-refused', /did not accept/],
    [
      500,
      fault('Transaction cancelled: maximum execution time exceeded'),
      'itsm-unreachable',
      /problem of its own/,
    ],
    [503, '<html>maintenance</html>', 'itsm-unreachable', /problem of its own/],
  ] as const)
    it(`says what to do after a ${status} to a read`, async () => {
      const { url, got } = await scripted((_got, response) => reply(response, status, body));
      const error = await errorOf(client(url).incident({ sysId: ids.incident }));
      assert.equal(error.code, code);
      assert.match(error.fix, fix);
      assert.equal(error.maybeApplied, false);
      assert.equal(got.length, code === 'itsm-unreachable' ? 3 : 1, 'repeats');
    });

  it('gets over a passing failure of a read', async () => {
    const statuses = [503, 502];
    const { url } = await scripted((_got, response) => {
      const status = statuses.shift();
      if (status === undefined) reply(response, 200, { result: row() });
      else reply(response, status, fault('busy'));
    });
    assert.equal((await client(url).incident({ sysId: ids.incident }))?.number, 'INC0010001');
  });

  it('gives up on a server that does not answer, without telling the password', async () => {
    const { url } = await scripted(() => undefined);
    const error = await errorOf(client(url, { timeoutMs: 30 }).incident({ sysId: ids.incident }));
    assert.equal(error.code, 'itsm-unreachable');
    assert.equal(error.retryable, true);
    assert.equal(error.cause, undefined);
  });

  it('knows that a refused connection wrote nothing', async () => {
    const { url } = await scripted(() => undefined);
    await closeScripted();
    const file = { sysId: ids.incident, name: 'a', type: 'text/plain', bytes: Buffer.from('a') };
    const error = await errorOf(client(url).attach(file));
    assert.deepEqual([error.code, error.maybeApplied], ['itsm-unreachable', false]);
  });

  it('never repeats a secret that a server echoes', async () => {
    const { url } = await scripted((got, response) =>
      reply(response, 400, fault(`bad header ${got.headers.authorization ?? ''}`, `password ${password}`)),
    );
    const error = await errorOf(client(url).incident({ sysId: ids.incident }));
    const encoded = Buffer.from(`handrail:${password}`).toString('base64');
    for (const text of [error.message, error.fix, error.stack ?? '']) {
      assert.ok(!text.includes(password));
      assert.ok(!text.includes(encoded));
    }
    assert.match(error.message, /bad header Basic \*\*\*/);
  });

  it('explains an OAuth log-in that was refused, without the secret', async () => {
    const { url, got } = await scripted((_got, response) =>
      reply(response, 401, { error: 'server_error', error_description: 'access_denied shh-secret' }),
    );
    const auth = { kind: 'oauth', clientId: 'bot', clientSecret: 'shh-secret' } as const;
    const error = await errorOf(client(url, { auth }).incident({ sysId: ids.incident }));
    assert.match(error.fix, /client\.credential\.grant_type\.enabled/);
    assert.match(error.message, /server_error: access_denied/);
    assert.ok(!`${error.message}${error.fix}`.includes('shh-secret'));
    assert.equal(got.length, 1);
    assert.equal(got[0]?.headers['content-type'], 'application/x-www-form-urlencoded');
  });

  it('logs in again once after a 401, and then gives up', async () => {
    let tokens = 0;
    const { url, got } = await scripted((one, response) => {
      if (one.path !== '/oauth_token.do') return reply(response, 401, fault('User is not authenticated'));
      tokens += 1;
      return reply(response, 200, {
        access_token: `token-${tokens}`,
        expires_in: 1_799,
        token_type: 'Bearer',
      });
    });
    const auth = { kind: 'oauth', clientId: 'bot', clientSecret: 'shh' } as const;
    await errorOf(client(url, { auth }).incident({ sysId: ids.incident }));
    assert.deepEqual(
      got.map((one) => one.headers.authorization ?? one.path),
      ['/oauth_token.do', 'Bearer token-1', '/oauth_token.do', 'Bearer token-2'],
    );
  });

  it('does not ask for a token at every call while the one that is given out is about to end', async () => {
    const { url, got } = await scripted((one, response) => {
      if (one.path !== '/oauth_token.do') return reply(response, 200, { result: row() });
      return reply(response, 200, { access_token: 'token', expires_in: 20, token_type: 'Bearer' });
    });
    let now = Date.parse('2026-11-22T10:00:00Z');
    const auth = { kind: 'oauth', clientId: 'bot', clientSecret: 'shh' } as const;
    const itsm = client(url, { auth }, { now: () => new Date(now) });
    const logins = () => got.filter(({ path }) => path === '/oauth_token.do').length;
    for (let n = 0; n < 3; n += 1) await itsm.incident({ sysId: ids.incident });
    assert.equal(logins(), 1);
    now += 6_000;
    await itsm.incident({ sysId: ids.incident });
    assert.equal(logins(), 2);
  });

  it('refuses a state nobody mapped, and a row without a version', async () => {
    let answer = row({ state: '17' });
    const { url } = await scripted((_got, response) => reply(response, 200, { result: answer }));
    assert.match(
      (await errorOf(client(url).incident({ sysId: ids.incident }))).fix,
      /mapping of incident states/,
    );
    answer = row({ sys_mod_count: '' });
    assert.match((await errorOf(client(url).incident({ sysId: ids.incident }))).message, /sys_mod_count/);
  });

  it('takes an environment nobody mapped for production', async () => {
    const item = {
      sys_id: ids.ci,
      name: 'x',
      sys_class_name: 'cmdb_ci',
      environment: 'Test',
      used_for: 'Blue',
    };
    const { url } = await scripted((_got, response) => reply(response, 200, { result: item }));
    const ci = await client(url).ci(ids.ci);
    assert.deepEqual([ci?.environment, ci?.environmentKnown], ['production', false]);
    const environments = { blue: 'staging', test: 'test' } as const;
    const mapped = await client(url, { mappings: { environments } }).ci(ids.ci);
    assert.deepEqual([mapped?.environment, mapped?.environmentKnown], ['staging', true]);
  });

  it('does not follow a class that is no table name', async () => {
    const item = { sys_id: ids.ci, name: 'x', sys_class_name: '../../v2/x?sysparm_query=' };
    const { url, got } = await scripted((_got, response) => reply(response, 200, { result: item }));
    assert.equal((await errorOf(client(url).ci(ids.ci))).code, 'itsm-refused');
    assert.equal(got.length, 1);
  });

  it('notices a field that ServiceNow left unwritten without a word', async () => {
    const { url } = await scripted((one, response) => {
      if (one.path.endsWith('sys_journal_field')) return reply(response, 200, { result: [] });
      const count = one.method === 'PATCH' ? '5' : '4';
      return reply(response, 200, { result: row({ state: '1', sys_mod_count: count }) });
    });
    const error = await errorOf(client(url).update({ ...note, state: 'in-progress' }));
    assert.equal(error.code, 'itsm-refused');
    assert.match(error.fix, /right to write state/);
  });

  it('notices that somebody changed the ticket at the same time', async () => {
    let reads = 0;
    const { url } = await scripted((one, response) => {
      if (one.path.endsWith('sys_journal_field')) return reply(response, 200, { result: [] });
      if (one.method === 'PATCH')
        return reply(response, 200, { result: row({ state: '2', sys_mod_count: '6' }) });
      reads += 1;
      const now = reads === 1 ? {} : { state: '8', sys_mod_count: '7' };
      return reply(response, 200, { result: row({ state: '1', ...now }) });
    });
    const error = await errorOf(client(url).update({ ...note, state: 'in-progress' }));
    assert.match(error.fix, /at the same time/);
  });

  it('says that nobody can tell when the answer was lost, the journal is closed and others have written', async () => {
    let patches = 0;
    const { url } = await scripted((one, response) => {
      if (one.path.endsWith('sys_journal_field')) return reply(response, 403, fault('ACL'));
      if (one.method === 'PATCH') {
        patches += 1;
        return response.destroy();
      }
      return reply(response, 200, { result: row({ sys_mod_count: String(4 + patches) }) });
    });
    const error = await errorOf(client(url).update(note));
    assert.equal(error.maybeApplied, true);
    assert.match(error.fix, /sys_journal_field/);
    assert.equal(patches, 1);
  });

  it('writes work notes only, with the headers ServiceNow insists on', async () => {
    const { url, got } = await scripted((one, response) => {
      if (one.path.endsWith('sys_journal_field')) return reply(response, 200, { result: [] });
      return reply(response, 200, { result: row({ sys_mod_count: one.method === 'PATCH' ? '5' : '4' }) });
    });
    await client(url).update(note);
    const patch = got.find((one) => one.method === 'PATCH');
    assert.deepEqual(JSON.parse(patch?.body ?? ''), { work_notes: 'Started.\n[handrail run-1 started]' });
    assert.equal(patch?.headers.accept, 'application/json');
    assert.equal(patch?.headers['content-type'], 'application/json');
  });

  it('notices an attachment that was stored with other bytes', async () => {
    const { url } = await scripted((one, response) =>
      one.method === 'GET'
        ? reply(response, 200, { result: [] })
        : reply(response, 201, { result: { hash: '0'.repeat(64) } }),
    );
    const file = { sysId: ids.incident, name: 'a', type: 'text/plain', bytes: Buffer.from('a') };
    assert.match((await errorOf(client(url).attach(file))).message, /other bytes/);
  });

  for (const [what, settings] of [
    ['a column with a query operator in it', { incidentColumns: ['state^ORx'] }],
    ['an address that is no URL', { baseUrl: 'example.service-now.com' }],
    ['an address with a password in it', { baseUrl: 'https://a:b@example.service-now.com' }],
  ] as const)
    it(`does not start with ${what}`, () => {
      assert.throws(() => client('http://127.0.0.1:1', settings), { code: 'config-invalid' });
    });
});
