import assert from 'node:assert/strict';
import { type AwxServer, awx, hello, password, template, untilCancelled } from './awx-world.ts';

type Json = Record<string, unknown>;
type Page = { readonly count: number; readonly results: readonly Json[] };

const related = (row: Json | undefined, link: string) =>
  String((row?.['related'] as Json | undefined)?.[link]);

/**
 * What awx.awx does, request by request (awx_collection/plugins/module_utils/controller_api.py and modules/job_launch.py,
 * job_wait.py, job_cancel.py, workflow_launch.py): it follows the links of the answers, so they have to lead somewhere.
 */
function collection(server: AwxServer, headers: Record<string, string> = {}) {
  const related = (row: Json | undefined, link: string) =>
    String((row?.['related'] as Json | undefined)?.[link]);
  /** get_one: by name, or by id or name for what may be either. */
  async function one(endpoint: string, nameOrId: string): Promise<Json | undefined> {
    const number = /^\d+$/.test(nameOrId);
    const query = number ? `or__id=${nameOrId}&or__name=${nameOrId}` : `name=${encodeURIComponent(nameOrId)}`;
    const { status, json } = await server.call('GET', `/api/v2/${endpoint}/?${query}`, undefined, headers);
    assert.equal(status, 200);
    const { count, results } = json as Page;
    assert.ok(count <= 1, `${count} rows`);
    return results[0];
  }
  return {
    one,
    async launch(endpoint: string, name: string, data: Json): Promise<Json> {
      const row = await one(endpoint, name);
      assert.ok(row, `${name} is there`);
      assert.equal(typeof row['ask_limit_on_launch'], 'boolean');
      assert.equal(typeof row['survey_enabled'], 'boolean');
      const { status, json } = await server.call('POST', related(row, 'launch'), data, headers);
      assert.equal(status, 201);
      return json;
    },
    /** wait_on_url: jobs have event_processing_finished, workflow jobs have not. */
    async wait(url: string): Promise<Json> {
      for (let n = 0; n < 500; n += 1) {
        const { json } = await server.call('GET', url, undefined, headers);
        const field = 'event_processing_finished' in json ? 'event_processing_finished' : 'finished';
        if (json[field]) return json;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      throw new Error(`${url} did not end`);
    },
    async cancel(id: number): Promise<boolean> {
      const { json } = await server.call('GET', `/api/v2/jobs/?id=${id}`);
      const page = related((json as Page).results[0], 'cancel');
      if (!(await server.call('GET', page)).json['can_cancel']) return false;
      assert.equal((await server.call('POST', page, {})).status, 202);
      return true;
    },
  };
}

describe('What the Ansible collection awx.awx sends', () => {
  let server: AwxServer;
  before(async () => {
    server = await awx(
      [
        template('Recycle pool', hello, { asks: ['variables', 'limit'] }),
        template('Wait', untilCancelled),
        template('Fail', () => Promise.reject(new Error('no space'))),
      ],
      {
        workflowTemplates: [
          { name: 'Both', asks: ['variables'], nodes: [{ identifier: 'only', template: 'Recycle pool' }] },
        ],
      },
    );
  });
  after(() => server.close());

  it('launches by name and by id, and waits for the end', async () => {
    const client = collection(server);
    for (const name of ['Recycle pool', '8']) {
      const job = await client.launch('job_templates', name, {
        extra_vars: { pool: 'shop' },
        limit: 'web01',
      });
      assert.deepEqual(job['ignored_fields'], {});
      const end = await client.wait(String(job['url']));
      assert.deepEqual([end['status'], end['failed']], ['successful', false]);
    }
    assert.equal(await client.one('job_templates', 'Nobody'), undefined);
  });

  it('learns of a failure', async () => {
    const client = collection(server);
    const { url } = await client.launch('job_templates', 'Fail', {});
    const end = await client.wait(String(url));
    assert.deepEqual([end['status'], end['failed']], ['failed', true]);
  });

  it('cancels a job once', async () => {
    const client = collection(server);
    const { id, url } = await client.launch('job_templates', 'Wait', {});
    assert.equal(await client.cancel(Number(id)), true);
    assert.equal((await client.wait(String(url)))['status'], 'canceled');
    assert.equal(await client.cancel(Number(id)), false);
  });

  it('launches a workflow and finds its node', async () => {
    const client = collection(server);
    const { id, url } = await client.launch('workflow_job_templates', 'Both', { extra_vars: { a: 1 } });
    assert.equal((await client.wait(String(url)))['status'], 'successful');
    const nodes = await server.call(
      'GET',
      `/api/v2/workflow_jobs/${String(id)}/workflow_nodes/?job__name=Recycle pool`,
    );
    const { count, results } = nodes.json as Page;
    assert.equal(count, 1);
    const job = await client.wait(related(results[0], 'job'));
    assert.equal(job['launch_type'], 'workflow');
  });

  it('signs in with a password, gets a token, and gives it back', async () => {
    const authorization = `Basic ${Buffer.from(`handrail:${password}`).toString('base64')}`;
    const made = await server.call(
      'POST',
      '/api/v2/tokens/',
      { description: '', application: null, scope: 'write' },
      { authorization },
    );
    assert.equal(made.status, 201);
    const headers = { authorization: `Bearer ${String(made.json['token'])}` };
    assert.ok(await collection(server, headers).one('job_templates', 'Wait'));
    assert.equal(
      (await server.call('DELETE', `/api/v2/tokens/${String(made.json['id'])}/`, undefined, headers)).status,
      204,
    );
    assert.equal((await server.call('GET', '/api/v2/me/', undefined, headers)).status, 401);
  });

  it('is told which product and version it talks to', async () => {
    const { headers } = await server.call('GET', '/api/v2/me/');
    assert.equal(headers.get('x-api-product-name'), 'AWX');
    assert.match(headers.get('x-api-product-version') ?? '', /^24\./);
  });
});
