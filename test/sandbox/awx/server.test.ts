import assert from 'node:assert/strict';
import { type AwxServer, awx, hello, over, template, token, untilCancelled } from './awx-world.ts';

const launch = '/api/v2/job_templates/8/launch/';

describe('The simulated AWX', () => {
  let server: AwxServer;
  afterEach(() => server.close());

  it('starts a job although it ignores what the template does not ask for', async () => {
    server = await awx([template('Recycle', hello, { asks: [], hosts: ['web01', 'web02'] })]);
    const { status, json } = await server.call('POST', launch, { limit: 'web01', extra_vars: { pool: 'a' } });
    assert.equal(status, 201);
    assert.deepEqual(json['ignored_fields'], { limit: 'web01', extra_vars: { pool: 'a' } });
    const job = await over(server, String(json['url']));
    assert.equal(job['limit'], '');
    const hosts = await server.call('GET', `/api/v2/jobs/${String(json['id'])}/job_host_summaries/`);
    assert.equal(hosts.json['count'], 2, 'it ran on all hosts');
  });

  it('does not count a variable as ignored that is the same as on the template', async () => {
    server = await awx([template('Recycle', hello, { asks: [], extraVars: { pool: 'a' } })]);
    const { json } = await server.call('POST', launch, { extra_vars: { pool: 'a' } });
    assert.deepEqual(json['ignored_fields'], {});
  });

  it('refuses a workflow launch with what its template does not ask for', async () => {
    server = await awx([template('Recycle', hello)], {
      workflowTemplates: [{ name: 'Flow', nodes: [{ identifier: 'a', template: 'Recycle' }] }],
    });
    const path = '/api/v2/workflow_job_templates/9/launch/';
    const { status, json } = await server.call('POST', path, { limit: 'a', extra_vars: { x: 1 } });
    assert.equal(status, 400);
    assert.deepEqual(json['limit'], ['Field is not configured to prompt on launch.']);
    assert.match(String(json['extra_vars']), /^Variables x are not allowed on launch/);
  });

  it('complains field by field', async () => {
    server = await awx([
      template('Recycle', hello, {
        survey: [
          { variable: 'pool', type: 'text', required: true },
          { variable: 'n', type: 'integer', max: 3 },
        ],
        passwordsNeeded: ['ssh_password'],
      }),
    ]);
    const { status, json } = await server.call('POST', launch, { extra_vars: { n: 4 } });
    assert.equal(status, 400);
    assert.deepEqual(json, {
      variables_needed_to_start: [
        "'pool' value missing",
        "'n' value 4 is too large (must be no more than 3).",
      ],
      passwords_needed_to_start: ['ssh_password'],
    });
    for (const [body, field, words] of [
      [{ job_type: 'foobicate' }, 'job_type', '"foobicate" is not a valid choice.'],
      [{ inventory: 87865 }, 'inventory', 'Invalid pk "87865" - object does not exist.'],
      [{ forks: 'many' }, 'forks', 'A valid integer is required.'],
      [{ extra_vars: '{unbalanced' }, 'extra_vars', /^Cannot parse as/],
    ] as const) {
      const said = String((await server.call('POST', launch, body)).json[field]);
      assert.ok(typeof words === 'string' ? said === words : words.test(said), said);
    }
  });

  it('takes variables as JSON in a string, and uses the default of a survey', async () => {
    const seen: unknown[] = [];
    server = await awx([
      template('Recycle', async (variables) => void seen.push(variables), {
        survey: [{ variable: 'n', type: 'integer', default: 2 }],
      }),
    ]);
    const { json } = await server.call('POST', launch, { extra_vars: '{"pool":"a"}' });
    await over(server, String(json['url']));
    assert.deepEqual(seen, [{ n: 2, pool: 'a' }]);
  });

  it('never shows the answer to a password question', async () => {
    server = await awx([
      template('Recycle', hello, { survey: [{ variable: 'pin', type: 'password', default: 'x1' }] }),
    ]);
    const { text, json } = await server.call('POST', launch, { extra_vars: { pin: 'hunter2' } });
    const job = await server.call('GET', String(json['url']));
    const spec = await server.call('GET', '/api/v2/job_templates/8/survey_spec/');
    assert.ok(![text, job.text, spec.text].some((one) => one.includes('hunter2') || one.includes('x1')));
    assert.match(String(job.json['extra_vars']), /\$encrypted\$/);
  });

  it('wants a token, except for the ping', async () => {
    server = await awx([template('Recycle', hello)]);
    const nobody = { authorization: '' };
    const { status, json } = await server.call('GET', '/api/v2/jobs/', undefined, nobody);
    assert.equal(status, 401);
    assert.match(String(json['detail']), /^Authentication credentials were not provided\./);
    assert.equal((await server.call('GET', '/api/v2/ping/', undefined, nobody)).status, 200);
    assert.equal((await server.call('POST', launch, {}, { authorization: `Bearer ${token}x` })).status, 401);
  });

  it('answers 405 to the cancellation of a job that is over, 202 with nothing to another', async () => {
    server = await awx([template('Recycle', hello), template('Wait', untilCancelled)]);
    const { json } = await server.call('POST', launch, {});
    await over(server, String(json['url']));
    const late = await server.call('POST', `${String(json['url'])}cancel/`);
    assert.deepEqual([late.status, late.json], [405, { detail: 'Method "POST" not allowed.' }]);
    const waiting = await server.call('POST', '/api/v2/job_templates/9/launch/', {});
    const early = await server.call('POST', `${String(waiting.json['url'])}cancel/`);
    assert.deepEqual([early.status, early.text], [202, '']);
    assert.equal((await over(server, String(waiting.json['url'])))['status'], 'canceled');
  });

  it('redirects to the address with a slash, and knows nothing else', async () => {
    server = await awx([template('Recycle', hello)]);
    const { status, headers } = await server.call('GET', '/api/v2/jobs?page_size=1');
    assert.deepEqual([status, headers.get('location')], [301, '/api/v2/jobs/?page_size=1']);
    assert.equal((await server.call('GET', '/api/v2/nothing/')).status, 404);
    assert.equal(
      (await server.call('GET', '/api/v2/jobs/77/')).json['detail'],
      'No Job matches the given query.',
    );
  });

  it('says 200 and a sentence instead of too much output, and negotiates the form', async () => {
    server = await awx([template('Recycle', hello)], { maxStdoutBytes: 20 });
    const { json } = await server.call('POST', launch, {});
    await over(server, String(json['url']));
    const read = (format: string, accept: string) =>
      server.call('GET', `${String(json['url'])}stdout/?format=${format}`, undefined, { accept });
    const text = await read('txt', 'text/plain');
    assert.equal(text.status, 200);
    assert.match(text.text, /^Standard Output too large to display \(\d+ bytes\), only download supported/);
    const lines = await read('json&start_line=0&end_line=1', 'application/json');
    assert.match(String(lines.json['content']), /too large/, 'ranges of lines too');
    assert.match((await read('txt_download', '*/*')).text, /hello from the job/);
    assert.equal((await read('txt', 'application/json')).status, 406);
  });

  it('does on demand what goes wrong, and counts it', async () => {
    server = await awx([template('Recycle', hello)]);
    assert.equal((await server.call('PUT', '/__awx/disturbance', { stuckPending: true })).status, 204);
    assert.equal((await server.call('PUT', '/__awx/disturbance', { stuck: true })).status, 400);
    const { json } = await server.call('POST', launch, {});
    assert.equal((await server.call('GET', String(json['url']))).json['status'], 'pending');
    await server.call('PUT', '/__awx/disturbance', { stuckPending: false, zeroHosts: true });
    const job = await over(server, String(json['url']));
    assert.equal(job['status'], 'successful');
    const hosts = await server.call('GET', `${String(json['url'])}job_host_summaries/`);
    assert.equal(hosts.json['count'], 0);
    assert.equal((await server.faults.requests())[`POST /api/v2/job_templates/:id/launch/`], 1);
  });
});

describe('A list of the simulated AWX', () => {
  let server: AwxServer;
  before(async () => {
    server = await awx([template('Recycle', hello), template('Other', hello)]);
    for (let n = 0; n < 30; n += 1) {
      const { json } = await server.call('POST', launch, {});
      await over(server, String(json['url']));
    }
  });
  after(() => server.close());
  const ids = async (query: string) => {
    const { json } = await server.call('GET', `/api/v2/jobs/?${query}`);
    return (json['results'] as { id: number }[]).map(({ id }) => id);
  };

  it('comes in pages of 25 with links', async () => {
    const first = await server.call('GET', '/api/v2/jobs/?order_by=-id');
    assert.equal(first.json['count'], 30);
    const next = await server.call('GET', String(first.json['next']));
    assert.deepEqual([next.json['next'], (next.json['results'] as unknown[]).length], [null, 5]);
    assert.equal((await server.call('GET', '/api/v2/jobs/?page=3')).json['detail'], 'Invalid page.');
  });

  it('filters, orders and combines', async () => {
    assert.deepEqual(await ids('id__in=1003,1001&order_by=-id'), [1003, 1001]);
    assert.deepEqual(await ids('id__lt=1003'), [1001, 1002]);
    assert.deepEqual(await ids('or__id=1001&or__id=1030&order_by=id'), [1001, 1030]);
    assert.deepEqual(await ids('not__id__gt=1002'), [1001, 1002]);
    assert.deepEqual(await ids('job_template=9'), []);
    assert.deepEqual(await ids('job_template__name=Recycle&id=1001'), [1001]);
    assert.deepEqual(await ids('created__gte=2099-01-01T00:00:00Z'), []);
    assert.deepEqual(
      await ids('status=successful&launch_type=manual&id=1001&finished__isnull=false'),
      [1001],
    );
    assert.deepEqual(await ids('name__icontains=RECYCLE&page_size=1'), [1001]);
  });

  it('refuses to filter by variables, and by fields it does not have', async () => {
    const hidden = await server.call('GET', '/api/v2/jobs/?extra_vars__contains=a');
    assert.deepEqual(
      [hidden.status, hidden.json['detail']],
      [403, 'Filtering on extra_vars is not allowed.'],
    );
    const unknown = await server.call('GET', '/api/v2/jobs/?colour=red');
    assert.deepEqual([unknown.status, unknown.json['detail']], [400, "Job has no field named 'colour'"]);
  });
});
