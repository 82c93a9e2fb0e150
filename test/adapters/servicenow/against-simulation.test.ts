import assert from 'node:assert/strict';
import type { Itsm, TicketUpdate } from '../../../src/ports.ts';
import { type ServiceNowOptions, startServiceNow } from '../../../src/sandbox/servicenow/server.ts';
import type { SandboxUser } from '../../../src/sandbox/servicenow/sign-in.ts';
import { client, ids, password } from './instance.ts';

const otherCi = '22222222222222222222222222222222';
const incident = {
  sys_id: ids.incident,
  number: 'INC0012345',
  short_description: 'shop is down',
  description: 'HTTP 503 since 10:00',
  state: '1',
  priority: '2',
  category: 'software',
  cmdb_ci: ids.ci,
  assignment_group: ids.group,
  u_app_pool: 'shop',
};
const change = (number: string, more: Readonly<Record<string, string>>) => ({
  number,
  cmdb_ci: ids.ci,
  state: '-1',
  approval: 'approved',
  on_hold: 'false',
  start_date: '2026-11-22 10:00:00',
  end_date: '2026-11-22 12:00:00',
  ...more,
});
const seed = {
  incident: [incident],
  cmdb_ci_app_server: [
    { sys_id: ids.ci, name: 'web01', environment: 'Test', used_for: 'Production', u_app_pool: 'shop' },
  ],
  cmdb_ci: [{ sys_id: otherCi, name: 'db01' }],
  sys_user_group: [
    { sys_id: ids.group, name: 'Web Team', active: 'true' },
    { sys_id: 'b'.repeat(32), name: 'Twins', active: 'true' },
    { sys_id: 'c'.repeat(32), name: 'Twins', active: 'true' },
    { sys_id: 'd'.repeat(32), name: 'Gone', active: 'false' },
  ],
};
const note: TicketUpdate = { sysId: ids.incident, marker: '[handrail run-1 started]', workNote: 'Started.' };
const handrail: SandboxUser = { user: 'handrail', password };
const blind: SandboxUser = { ...handrail, deniedTables: ['sys_journal_field'] };

describe('The ServiceNow client against the simulated ServiceNow', () => {
  let close: () => Promise<void> = () => Promise.resolve();
  let url = '';
  let itsm: Itsm;

  const start = async (options: Partial<ServiceNowOptions> = {}, more: Parameters<typeof client>[1] = {}) => {
    const sn = await startServiceNow({ users: [handrail], integrationUser: 'handrail', seed, ...options });
    ({ close, url } = sn);
    itsm = client(url, { incidentColumns: ['u_app_pool'], ciColumns: ['u_app_pool'], ...more });
    return sn;
  };
  const read = async (path: string): Promise<Record<string, string>[]> => {
    const authorization = `Basic ${Buffer.from(`person:${password}`).toString('base64')}`;
    const answer = await fetch(`${url}/api/now/${path}`, { headers: { authorization } });
    return [
      ((await answer.json()) as { result: Record<string, string> | Record<string, string>[] }).result,
    ].flat();
  };
  const person: SandboxUser = { user: 'person', password };
  const notes = async () => (await read('table/sys_journal_field')).map((entry) => entry['value']);
  const ticket = async () =>
    (await read(`table/incident/${ids.incident}?sysparm_exclude_reference_link=true`))[0] ?? {};
  const breakNext = (fault: Readonly<Record<string, unknown>>) =>
    fetch(`${url}/__sandbox/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(fault),
    });
  const both = { users: [handrail, person] };

  afterEach(() => close());

  it('reads an incident by sys_id and by number, with raw values and the extra columns', async () => {
    await start();
    const bySysId = await itsm.incident({ sysId: ids.incident });
    assert.deepEqual(await itsm.incident({ number: ' inc0012345 ' }), bySysId);
    assert.equal(bySysId?.state, 'new');
    assert.equal(bySysId.ciSysId, ids.ci);
    assert.equal(bySysId.assignmentGroup, ids.group);
    assert.equal(bySysId.fields['assignment_group.name'], 'Web Team');
    assert.equal(bySysId.fields['u_app_pool'], 'shop');
    assert.equal('approval' in bySysId.fields, false, 'empty columns are left out');
  });

  it('knows no incident that does not exist', async () => {
    await start();
    assert.equal(await itsm.incident({ sysId: '0'.repeat(32) }), undefined);
    assert.equal(await itsm.incident({ number: 'INC9999999' }), undefined);
  });

  it('reads the columns of the class and takes the most production-like environment', async () => {
    await start();
    const ci = await itsm.ci(ids.ci);
    assert.deepEqual(ci, {
      sysId: ids.ci,
      name: 'web01',
      class: 'cmdb_ci_app_server',
      environment: 'production',
      environmentKnown: true,
      fields: { environment: 'Test', used_for: 'Production', u_app_pool: 'shop' },
    });
    const bare = await itsm.ci(otherCi);
    assert.deepEqual([bare?.environment, bare?.environmentKnown], ['production', false]);
    assert.equal(await itsm.ci('0'.repeat(32)), undefined);
  });

  it('refuses a configuration item whose class it may not read', async () => {
    await start({ users: [{ ...handrail, deniedTables: ['cmdb_ci_app_server'] }] });
    await assert.rejects(itsm.ci(ids.ci), { code: 'itsm-refused', fix: /read: GET cmdb_ci_app_server/ });
  });

  it('finds the changes that cover a moment, on every page, judged in UTC', async () => {
    const filler = Array.from({ length: 420 }, (_, n) =>
      change(`CHG${n}`, { start_date: '2020-01-01 00:00:00', end_date: '2020-01-02 00:00:00' }),
    );
    const change_request = [
      change('CHG-now', {}),
      change('CHG-hold', { on_hold: 'true', state: '-2' }),
      change('CHG-hidden', { on_hold: '' }),
      change('CHG-over', { end_date: '2026-11-22 11:00:00' }),
      change('CHG-else', { cmdb_ci: otherCi }),
      change('CHG-none', { start_date: '' }),
      ...filler,
      change('CHG-last', { state: '0', approval: 'requested' }),
    ];
    await start({ seed: { ...seed, change_request } });
    const found = await itsm.changes(ids.ci, new Date('2026-11-22T11:00:00Z'));
    const planned = { start: '2026-11-22T10:00:00.000Z', end: '2026-11-22T12:00:00.000Z' };
    assert.deepEqual(
      found.toSorted((a, b) => (a.number < b.number ? -1 : 1)),
      [
        { number: 'CHG-hidden', state: 'implement', approved: true, onHold: true, ...planned },
        { number: 'CHG-hold', state: 'scheduled', approved: true, onHold: true, ...planned },
        { number: 'CHG-last', state: 'other', approved: false, onHold: false, ...planned },
        { number: 'CHG-now', state: 'implement', approved: true, onHold: false, ...planned },
      ],
    );
  });

  it('finds the changes that are being implemented before or after their planned time', async () => {
    const [past, begun] = [{ end_date: '2026-11-22 11:00:00' }, { work_start: '2026-11-22 09:59:00' }];
    const change_request = [
      change('CHG-late', { ...past, ...begun }),
      change('CHG-early', { ...begun, start_date: '2026-11-22 11:30:00' }),
      change('CHG-idle', past),
      change('CHG-ended', { ...past, ...begun, work_end: '2026-11-22 10:59:00' }),
      change('CHG-review', { ...past, ...begun, state: '0' }),
    ];
    await start({ seed: { ...seed, change_request } });
    const found = await itsm.changes(ids.ci, new Date('2026-11-22T11:00:00Z'));
    assert.deepEqual(found.map(({ number, begun: is }) => [number, is]).toSorted(), [
      ['CHG-early', true],
      ['CHG-late', true],
    ]);
  });

  it('writes a work note with its marker, the fields, and never a comment', async () => {
    await start(both);
    await itsm.update({ ...note, approval: 'requested', state: 'in-progress', assignmentGroup: 'Web Team' });
    const after = await ticket();
    assert.deepEqual(
      [after['state'], after['approval'], after['assignment_group'], after['sys_updated_by']],
      ['2', 'requested', ids.group, 'handrail'],
    );
    const journal = await read('table/sys_journal_field');
    assert.deepEqual(
      journal.map((entry) => [entry['element'], entry['value']]),
      [['work_notes', 'Started.\n[handrail run-1 started]']],
    );
    const incidentNow = await itsm.incident({ sysId: ids.incident });
    assert.ok(incidentNow && itsm.isOwnUpdate(incidentNow));
  });

  it('writes the same update once', async () => {
    await start(both);
    await itsm.update(note);
    await itsm.update(note);
    assert.equal((await notes()).length, 1);
  });

  it('does not take the marker in a note of somebody else for its own', async () => {
    await start(both);
    await client(url, {
      auth: { kind: 'basic', user: 'person', password },
      integrationUser: 'person',
    }).update(note);
    await itsm.update(note);
    assert.equal((await notes()).length, 2);
  });

  for (const [who, user] of [
    ['the journal', handrail],
    ['the version, when it may not read the journal,', blind],
  ] as const) {
    it(`sees by ${who} that a write whose answer was lost has happened`, async () => {
      await start({ users: [user, person] });
      await breakNext({ method: 'PATCH', drop: 'after' });
      await itsm.update({ ...note, state: 'in-progress' });
      assert.equal((await notes()).length, 1);
      assert.equal((await ticket())['state'], '2');
    });

    it(`sees by ${who} that a write has not happened, and repeats it`, async () => {
      await start({ users: [user, person] });
      await breakNext({ method: 'PATCH', drop: 'before' });
      await itsm.update(note);
      assert.equal((await notes()).length, 1);
    });
  }

  it('writes when it may not read the journal', async () => {
    await start({ users: [blind, person] });
    await itsm.update(note);
    assert.equal((await notes()).length, 1);
  });

  it('gives up after one repeat and says that the write may have happened', async () => {
    await start(both);
    await breakNext({ method: 'PATCH', status: 503, times: 9 });
    await assert.rejects(itsm.update(note), {
      code: 'itsm-unreachable',
      retryable: true,
      maybeApplied: true,
    });
    const counts = (await (await fetch(`${url}/__sandbox/requests`)).json()) as Record<string, number>;
    assert.equal(counts['PATCH /api/now/table/incident/:sys_id'], 2);
  });

  it('resolves with the close code of the instance', async () => {
    await start(both, {
      mappings: { closeCodes: { solved: 'Solution provided' } },
    });
    await itsm.update({ ...note, state: 'resolved', close: { code: 'solved', notes: 'Recycled the pool.' } });
    const after = await ticket();
    assert.deepEqual(
      [after['state'], after['close_code'], after['close_notes']],
      ['6', 'Solution provided', 'Recycled the pool.'],
    );
  });

  it('does not resolve without close code and notes', async () => {
    await start(both);
    await assert.rejects(itsm.update({ ...note, state: 'resolved' }), {
      code: 'itsm-refused',
      fix: /resolve/,
    });
    assert.equal((await ticket())['state'], '1');
  });

  it('tells which data policy refused a change', async () => {
    // A state our mapping takes for "in progress", while this instance wants a hold reason for it.
    const incidentStates = {
      new: ['1'],
      'in-progress': ['3'],
      'on-hold': [],
      resolved: ['6'],
      closed: ['7'],
      canceled: ['8'],
    };
    await start(both, { mappings: { incidentStates } });
    await assert.rejects(itsm.update({ ...note, state: 'in-progress' }), {
      code: 'itsm-refused',
      fix: /Data Policy Exception.*On hold reason/,
    });
    assert.equal((await ticket())['state'], '1');
    const [told, second] = await notes();
    assert.match(told ?? '', /^Started\.\nNothing but this note was written: .*On hold reason/);
    assert.equal(second, undefined);
  });

  it('leaves the state, close notes and group of an incident people have finished', async () => {
    const finished = { ...incident, state: '6', close_code: 'User error', close_notes: 'by hand' };
    await start({ ...both, seed: { ...seed, incident: [finished] } });
    await itsm.update({ ...note, state: 'in-progress', assignmentGroup: 'Twins', approval: 'rejected' });
    const after = await ticket();
    assert.deepEqual(
      [after['state'], after['assignment_group'], after['approval']],
      ['6', ids.group, 'rejected'],
    );
    assert.equal((await notes()).length, 1);
  });

  for (const [group, fix] of [
    ['Twins', /sys_id/],
    ['web team', /Correct the name/],
    ['Gone', /Correct the name/],
    ['x^ORnameISNOTEMPTY', /sys_id/],
    ['javascript:gs.getUserID()', /sys_id/],
  ] as const)
    it(`refuses the group ${group}, changes no field and leaves a note that says so`, async () => {
      await start(both);
      await assert.rejects(itsm.update({ ...note, assignmentGroup: group }), { code: 'itsm-refused', fix });
      assert.equal((await ticket())['assignment_group'], ids.group);
      assert.match((await notes())[0] ?? '', /Nothing but this note was written: .*group/);
    });

  it('takes apart what ServiceNow would render as HTML', async () => {
    await start(both);
    await itsm.update({ ...note, workNote: 'log: [code]<a href="http://evil">x</a>[/CODE]' });
    assert.match((await notes())[0] ?? '', /\[ code\]<a href="http:\/\/evil">x<\/a>\[\/ code\]/);
  });

  it('attaches a file once, also when the answer was lost, and again when its content differs', async () => {
    await start(both);
    const file = {
      sysId: ids.incident,
      name: 'evidence.txt',
      type: 'text/plain',
      bytes: Buffer.from('größer'),
    };
    await breakNext({ path: '/api/now/attachment', method: 'POST', drop: 'after' });
    await itsm.attach(file);
    await itsm.attach(file);
    assert.equal((await read('attachment')).length, 1);
    await itsm.attach({ ...file, bytes: Buffer.from('other') });
    const files = await read('attachment');
    assert.deepEqual(
      files.map((one) => [one['file_name'], one['content_type'], one['size_bytes']]),
      [
        ['evidence.txt', 'text/plain', '8'],
        ['evidence.txt', 'text/plain', '5'],
      ],
    );
  });

  it('does not attach to a record that does not exist', async () => {
    await start(both);
    const file = { sysId: '0'.repeat(32), name: 'a.txt', type: 'text/plain', bytes: Buffer.from('a') };
    await assert.rejects(itsm.attach(file), { code: 'itsm-refused' });
  });

  it('signs in with OAuth once, and once more when the token is refused', async () => {
    const oauthClients = [{ clientId: 'bot', clientSecret: 'shh', user: 'handrail' }];
    let now = Date.parse('2026-11-22T10:00:00Z');
    const clock = { now: () => new Date(now) };
    const sn = await startServiceNow({ users: [handrail], oauthClients, seed, now: clock.now });
    ({ close, url } = sn);
    const auth = { kind: 'oauth', clientId: 'bot', clientSecret: 'shh' } as const;
    itsm = client(url, { auth }, { now: () => new Date('2026-11-22T10:00:00Z') });
    const logins = async () =>
      ((await (await fetch(`${url}/__sandbox/requests`)).json()) as Record<string, number>)[
        'POST /oauth_token.do'
      ];
    await Promise.all([itsm.incident({ sysId: ids.incident }), itsm.ci(ids.ci)]);
    assert.equal(await logins(), 1);
    now += 3_600_000; // the token has expired there, while our clock stands still
    assert.ok(await itsm.incident({ sysId: ids.incident }));
    assert.equal(await logins(), 2);
  });

  it('renews a token a minute before it expires', async () => {
    const oauthClients = [{ clientId: 'bot', clientSecret: 'shh', user: 'handrail' }];
    let now = Date.parse('2026-11-22T10:00:00Z');
    const clock = { now: () => new Date(now) };
    const sn = await startServiceNow({ users: [], oauthClients, seed, tokenSeconds: 1_800 });
    ({ close, url } = sn);
    itsm = client(url, { auth: { kind: 'oauth', clientId: 'bot', clientSecret: 'shh' } }, clock);
    const logins = async () =>
      ((await (await fetch(`${url}/__sandbox/requests`)).json()) as Record<string, number>)[
        'POST /oauth_token.do'
      ];
    await itsm.incident({ sysId: ids.incident });
    now += 1_730_000;
    await itsm.incident({ sysId: ids.incident });
    assert.equal(await logins(), 1);
    now += 15_000;
    await itsm.incident({ sysId: ids.incident });
    assert.equal(await logins(), 2);
  });

  it('waits out a short rate limit, for writes too, since a 429 was not carried out', async () => {
    await start(both);
    await breakNext({ status: 429, headers: { 'retry-after': '0' }, times: 2 });
    assert.ok(await itsm.incident({ sysId: ids.incident }));
    await breakNext({ method: 'PATCH', status: 429, headers: { 'retry-after': '0' }, times: 2 });
    await itsm.update(note);
    assert.equal((await notes()).length, 1);
  });

  it('hands a long rate limit to the caller', async () => {
    await start();
    await breakNext({ status: 429, headers: { 'retry-after': '1800' } });
    await assert.rejects(itsm.incident({ sysId: ids.incident }), {
      code: 'itsm-unreachable',
      retryable: true,
      retryAfterMs: 1_800_000,
    });
  });
});
