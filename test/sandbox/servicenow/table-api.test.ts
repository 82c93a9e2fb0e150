import assert from 'node:assert/strict';
import { closeInstances, ids, instance } from './instance.ts';

const incidents = '/api/now/table/incident';

describe('The simulated Table API', () => {
  afterEach(closeInstances);

  it('creates an incident with a number, a version and derived fields, and says where it is', async () => {
    const sn = await instance();
    const made = await sn.call('POST', incidents, { short_description: 'down', impact: 1, urgency: 2 });
    assert.equal(made.status, 201);
    assert.equal(made.result['number'], 'INC0010001');
    assert.equal(made.result['sys_mod_count'], '0');
    assert.equal(made.result['priority'], '2');
    assert.equal(made.result['sys_created_by'], 'person');
    assert.equal(made.headers.get('location'), `${sn.url}${incidents}/${made.result['sys_id']}`);
  });

  it('ignores query parts it does not understand and returns the rows of the rest', async () => {
    const sn = await instance();
    await sn.call('POST', incidents, { short_description: 'a', state: '1' });
    await sn.call('POST', incidents, { short_description: 'b', state: '2' });
    const typo = await sn.call('GET', `${incidents}?sysparm_query=no_such_field=x^short_descriptionNEARb`);
    assert.equal(typo.rows.length, 2);
    const fits = await sn.call('GET', `${incidents}?sysparm_query=state=2^no_such_field=x`);
    assert.deepEqual(
      fits.rows.map((row) => row['short_description']),
      ['b'],
    );
  });

  for (const [query, wanted] of [
    ['short_description!=a', 'bc'],
    ['short_descriptionINa,c', 'ac'],
    ['short_descriptionLIKEB', 'b'],
    ['short_descriptionSTARTSWITHc', 'c'],
    ['short_description=a^ORshort_description=b^state=2', 'b'],
    ['short_description=a^NQshort_description=c', 'ac'],
    ['assignment_group.name=Web Team', 'b'],
    ['ORDERBYDESCshort_description', 'cba'],
    ['short_descriptionNOT INa,c', 'b'],
    ['short_description*B^EQ', 'b'],
    ['short_description!*b', 'ac'],
    ['short_descriptionENDSWITHa^ORshort_description%c', 'ac'],
    ['short_descriptionBETWEENa@b', 'ab'],
    ['assignment_groupISEMPTY', 'ac'],
    ['short_descriptionSAMEASdescription', ''],
    ['sys_mod_count<10', 'abc'],
    ['assignment_group.no_such=x', 'abc'],
    ['opened_by=javascript:gs.getUserID()', 'abc'],
    ['sys_created_by=javascript:gs.getUserName()', 'abc'],
    ['number=javascript:gs.sleep(1)', ''],
    ["sys_created_on>=javascript:gs.dateGenerate('2026-11-22','09:00:00')", 'abc'],
    ['sys_created_on>2026-11-22 09:00:00', ''],
    ['sys_created_onBETWEENjavascript:gs.daysAgoStart(0)@javascript:gs.daysAgoEnd(0)', 'abc'],
    ['sys_created_onONToday@javascript:gs.beginningOfToday()@javascript:gs.endOfToday()', 'abc'],
    ['sys_created_on<javascript:gs.hoursAgo(1)', ''],
  ] as const)
    it(`selects by ${query}`, async () => {
      const sn = await instance({ now: () => new Date('2026-11-22T09:00:00Z') });
      await sn.call('POST', incidents, { short_description: 'a' });
      await sn.call('POST', incidents, { short_description: 'b', state: '2', assignment_group: ids.webTeam });
      await sn.call('POST', incidents, { short_description: 'c' });
      const found = await sn.call('GET', `${incidents}?sysparm_query=${encodeURIComponent(query)}`);
      assert.equal(found.rows.map((row) => row['short_description']).join(''), wanted);
    });

  it('returns no rows for a query with a part it does not understand when its property says so', async () => {
    const sn = await instance({ strictQueries: true });
    await sn.call('POST', incidents, { short_description: 'a' });
    assert.equal((await sn.call('GET', `${incidents}?sysparm_query=no_such=x`)).rows.length, 0);
    assert.equal((await sn.call('GET', `${incidents}?sysparm_query=short_description=a^EQ`)).rows.length, 1);
  });

  it('applies the limit before access rules', async () => {
    const [hidden, seen] = ['1'.repeat(32), '2'.repeat(32)];
    const sn = await instance({
      seed: { incident: [{ sys_id: hidden }, { sys_id: seen }] },
      users: [{ user: 'person', password: 'pw', deniedRecords: [hidden] }],
    });
    const first = await sn.call('GET', `${incidents}?sysparm_limit=1`);
    assert.deepEqual(first.rows, []);
    assert.equal(first.headers.get('x-total-count'), '2');
    assert.match(first.headers.get('link') ?? '', /sysparm_offset=1>;rel="next"/);
    assert.equal((await sn.call('GET', `${incidents}?sysparm_limit=1&sysparm_offset=1`)).rows.length, 1);
    assert.equal((await sn.call('GET', `${incidents}/${hidden}`)).status, 404);
    assert.equal((await sn.call('PATCH', `${incidents}/${hidden}`, {})).status, 404);
  });

  it('leaves columns out that the caller may not touch, and unknown ones, without a word', async () => {
    const sn = await instance({
      users: [{ user: 'person', password: 'pw', deniedColumns: ['incident.approval'] }],
    });
    const made = await sn.call('POST', incidents, {
      short_description: 'x',
      approval: 'approved',
      no_such: '1',
      u_own: '2',
    });
    assert.equal(made.status, 201);
    assert.deepEqual(
      [made.result['approval'], made.result['no_such'], made.result['u_own']],
      [undefined, undefined, '2'],
    );
  });

  it('refuses a write to a table the caller may only read', async () => {
    const sn = await instance({
      users: [{ user: 'person', password: 'pw', readOnlyTables: ['incident'] }],
      seed: { incident: [{ sys_id: '1'.repeat(32) }] },
    });
    for (const [method, path] of [
      ['POST', incidents],
      ['PATCH', `${incidents}/${'1'.repeat(32)}`],
      ['DELETE', `${incidents}/${'1'.repeat(32)}`],
    ] as const) {
      const refused = await sn.call(method, path, {});
      assert.equal(refused.status, 403);
      assert.match(JSON.stringify(refused.body), /ACL Exception \w+ Failed due to security constraints/);
    }
  });

  it('deletes a record', async () => {
    const sn = await instance();
    const made = await sn.call('POST', incidents, {});
    const at = `${incidents}/${made.result['sys_id']}`;
    assert.equal((await sn.call('DELETE', at)).status, 204);
    assert.equal((await sn.call('GET', at)).status, 404);
  });

  it('takes labels for values when it is asked to', async () => {
    const sn = await instance();
    const made = await sn.call('POST', `${incidents}?sysparm_input_display_value=true`, {
      state: 'In Progress',
    });
    assert.equal(made.result['state'], '2');
  });

  it('takes another method from a header, and the query of a shortened address', async () => {
    const sn = await instance();
    const made = await sn.call('POST', incidents, { short_description: 'a' });
    const headers = {
      authorization: `Basic ${btoa('person:pw')}`,
      accept: 'application/json',
      'content-type': 'application/json',
    };
    const at = `${sn.url}${incidents}/${made.result['sys_id']}`;
    const patched = await fetch(at, {
      method: 'POST',
      headers: { ...headers, 'x-http-method-override': 'PATCH' },
      body: '{"state":"2"}',
    });
    assert.equal(patched.status, 200);
    const url = `${sn.url}${incidents}?sysparm_query=state=2&sysparm_fields=state`;
    const tiny = (await sn.call('POST', '/api/now/tinyurl', { url })).body['result'] as string;
    const found = await sn.call('GET', `${incidents}?${tiny.split('?')[1]}`);
    assert.deepEqual(found.rows, [{ state: '2' }]);
    assert.equal((await sn.call('POST', '/api/now/tinyurl', { url: 'x' })).status, 400);
  });

  it('pages with Link and X-Total-Count', async () => {
    const sn = await instance();
    for (const short_description of ['a', 'b', 'c']) await sn.call('POST', incidents, { short_description });
    const first = await sn.call('GET', `${incidents}?sysparm_limit=2&sysparm_query=ORDERBYnumber`);
    assert.equal(first.headers.get('x-total-count'), '3');
    const next = /<([^>]+)>;rel="next"/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
    const second = await sn.call('GET', next.slice(sn.url.length));
    assert.deepEqual(
      second.rows.map((row) => row['short_description']),
      ['c'],
    );
    assert.doesNotMatch(second.headers.get('link') ?? '', /rel="next"/);
    const bare = await sn.call('GET', `${incidents}?sysparm_limit=2&sysparm_no_count=true`);
    assert.equal(bare.headers.get('link'), null);
  });

  it('answers no rows with 200 and an empty list, and with 404 in version 1', async () => {
    const sn = await instance();
    assert.deepEqual((await sn.call('GET', incidents)).rows, []);
    assert.equal((await sn.call('GET', '/api/now/v1/table/incident')).status, 404);
  });

  it('shows references as links, as bare values, and as names', async () => {
    const sn = await instance();
    const made = await sn.call('POST', incidents, { short_description: 'x', assignment_group: 'Web Team' });
    const at = `${incidents}/${made.result['sys_id']}?sysparm_fields=assignment_group,state,no_such,assignment_group.name`;
    assert.deepEqual((await sn.call('GET', `${at}&sysparm_exclude_reference_link=true`)).result, {
      assignment_group: ids.webTeam,
      state: '1',
      'assignment_group.name': 'Web Team',
    });
    const link = `${sn.url}/api/now/table/sys_user_group/${ids.webTeam}`;
    assert.deepEqual((await sn.call('GET', `${at}&sysparm_display_value=all`)).result, {
      assignment_group: { display_value: 'Web Team', link, value: ids.webTeam },
      state: { display_value: 'New', value: '1' },
      'assignment_group.name': { display_value: 'Web Team', value: 'Web Team' },
    });
    assert.deepEqual((await sn.call('GET', at)).result['assignment_group'], { link, value: ids.webTeam });
  });

  it('shows subclass columns only through the subclass table', async () => {
    const sn = await instance();
    const base = await sn.call('GET', `/api/now/table/cmdb_ci/${ids.web01}`);
    assert.equal(base.result['sys_class_name'], 'cmdb_ci_app_server');
    assert.equal(base.result['used_for'], undefined);
    const own = await sn.call('GET', `/api/now/table/cmdb_ci_app_server/${ids.web01}`);
    assert.equal(own.result['used_for'], 'Production');
    assert.equal(own.result['u_app_pool'], 'shop');
    assert.equal((await sn.call('GET', `/api/now/table/cmdb_ci_web_server/${ids.web01}`)).status, 404);
  });

  it('follows both ends of a relation, and the column parent of a task is not one of them', async () => {
    const sn = await instance();
    const type = await sn.call('POST', '/api/now/table/cmdb_rel_type', { name: 'Runs on::Runs' });
    const relation = { parent: ids.web01, child: ids.db01, type: type.result['sys_id'] };
    await sn.call('POST', '/api/now/table/cmdb_rel_ci', relation);
    const fields = 'parent.name,child.name,type.name,parent.sys_class_name';
    const query = `type.name=Runs on::Runs^childIN${ids.db01}`;
    const found = await sn.call(
      'GET',
      `/api/now/table/cmdb_rel_ci?sysparm_fields=${fields}&sysparm_query=${encodeURIComponent(query)}`,
    );
    assert.deepEqual(found.rows, [
      {
        'parent.name': 'web01',
        'child.name': 'db01',
        'type.name': 'Runs on::Runs',
        'parent.sys_class_name': 'cmdb_ci_app_server',
      },
    ]);
    const task = await sn.call('POST', incidents, { parent: ids.web01 });
    assert.equal(task.result['parent'], ids.web01, 'a bare value, no link');
  });

  it('follows an affected item to its task, whatever kind of task that is, and shows all kinds as tasks', async () => {
    const sn = await instance();
    const incident = await sn.call('POST', incidents, { short_description: 'down' });
    const change = await sn.call('POST', '/api/now/table/change_request', { short_description: 'patch' });
    for (const task of [incident, change])
      await sn.call('POST', '/api/now/table/task_ci', { task: task.result['sys_id'], ci_item: ids.web01 });
    const fields = 'sysparm_fields=task.number,task.sys_class_name,task.active';
    const query = `sysparm_query=ci_item=${ids.web01}^task.active=true^ORDERBYtask.sys_class_name`;
    const links = await sn.call('GET', `/api/now/table/task_ci?${query}&${fields}`);
    assert.deepEqual(
      links.rows.map((row) => [row['task.number'], row['task.sys_class_name']]),
      [
        [change.result['number'], 'change_request'],
        [incident.result['number'], 'incident'],
      ],
    );
    assert.equal((await sn.call('GET', '/api/now/table/task')).rows.length, 2);
    const one = `/api/now/table/task/${change.result['sys_id']}`;
    assert.equal((await sn.call('GET', one)).result['number'], change.result['number']);
    assert.equal((await sn.call('PATCH', one, { short_description: 'x' })).status, 403);
  });

  it('shows the criticality of a service through its own table alone', async () => {
    const sn = await instance({
      seed: { cmdb_ci_service_discovered: [{ name: 'Shop', busines_criticality: '2 - somewhat critical' }] },
    });
    const service = await sn.call('GET', '/api/now/table/cmdb_ci_service');
    assert.equal(service.rows[0]?.['busines_criticality'], '2 - somewhat critical');
    const base = await sn.call('GET', '/api/now/table/cmdb_ci');
    assert.equal(base.rows[0]?.['busines_criticality'], undefined);
  });

  it('keeps journal texts in sys_journal_field and reads the columns back empty', async () => {
    const sn = await instance();
    const made = await sn.call('POST', incidents, { short_description: 'x' });
    const at = `${incidents}/${made.result['sys_id']}`;
    const patched = await sn.call('PATCH', at, { work_notes: 'looked at it' });
    assert.equal(patched.result['work_notes'], '');
    assert.equal(patched.result['sys_mod_count'], '1');
    const notes = await sn.call(
      'GET',
      `/api/now/table/sys_journal_field?sysparm_query=element_id=${made.result['sys_id']}`,
    );
    assert.deepEqual(
      notes.rows.map((row) => [row['element'], row['value'], row['sys_created_by']]),
      [['work_notes', 'looked at it', 'person']],
    );
  });

  it('leaves the version alone when a write changes nothing', async () => {
    const sn = await instance();
    const made = await sn.call('POST', incidents, { short_description: 'x' });
    const same = await sn.call('PATCH', `${incidents}/${made.result['sys_id']}`, { short_description: 'x' });
    assert.equal(same.result['sys_mod_count'], '0');
  });

  it('refuses to resolve without close code and notes, as a data policy does', async () => {
    const sn = await instance();
    const made = await sn.call('POST', incidents, { short_description: 'x' });
    const at = `${incidents}/${made.result['sys_id']}`;
    const refused = await sn.call('PATCH', at, { state: '6' });
    assert.equal(refused.status, 403);
    assert.match(JSON.stringify(refused.body), /Data Policy Exception.*Resolution code, Resolution notes/);
    assert.equal((await sn.call('GET', at)).result['state'], '1');
    const closed = await sn.call('PATCH', at, { state: '6', close_code: 'User error', close_notes: 'done' });
    assert.equal(closed.status, 200);
    assert.equal(closed.result['incident_state'], '6');
  });

  it('refuses what it cannot do with the usual error bodies', async () => {
    const sn = await instance();
    assert.equal((await sn.call('GET', '/api/now/table/no_such_table')).status, 400);
    const missing = await sn.call('GET', `${incidents}/${'0'.repeat(32)}`);
    assert.deepEqual(missing.body, {
      error: {
        message: 'No Record found',
        detail: "Record doesn't exist or ACL restricts the record retrieval",
      },
      status: 'failure',
    });
    assert.equal((await sn.call('DELETE', `${incidents}/${'0'.repeat(32)}`)).status, 404);
    assert.equal((await sn.call('DELETE', incidents)).status, 405);
    const headers = { authorization: `Basic ${btoa('person:pw')}` };
    const plain = await fetch(sn.url + incidents, { method: 'POST', headers, body: '{}' });
    assert.equal(plain.status, 415);
    assert.equal((await fetch(sn.url + incidents)).status, 401);
  });
});
