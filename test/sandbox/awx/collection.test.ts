import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { pythonFor } from '../../fakes/python.ts';
import { type AwxServer, awx, hello, password, template, token, untilCancelled } from './awx-world.ts';

const run = promisify(execFile);
let python = '';

/** Runs a module of awx.awx as Ansible does: the arguments on standard input, the result as JSON. */
async function module(name: string, args: Record<string, unknown>): Promise<Record<string, unknown>> {
  const call = run(python, ['-W', 'ignore', '-m', `ansible_collections.awx.awx.plugins.modules.${name}`], {
    timeout: 60_000,
  });
  call.child.stdin?.end(JSON.stringify({ ANSIBLE_MODULE_ARGS: args }));
  const { stdout } = await call.catch((error: { stdout?: string }) => ({ stdout: error.stdout ?? '' }));
  return JSON.parse(stdout) as Record<string, unknown>;
}

const imports = 'import ansible_collections.awx.awx, ansible.module_utils.basic';

/**
 * The collection itself, where it is installed (Debian: `ansible`; elsewhere set AWX_COLLECTION_PYTHON and PYTHONPATH).
 * clients.test.ts repeats what it sends for everybody else.
 */
describe('The Ansible collection awx.awx against the simulated AWX', () => {
  let server: AwxServer;
  let login: Record<string, unknown>;
  before(async function () {
    const found = await pythonFor(imports, process.env['AWX_COLLECTION_PYTHON']);
    if ('python' in found) {
      python = found.python;
      return;
    }
    console.log(`    SKIPPED: the collection awx.awx cannot be used: ${found.missing}`);
    this.skip();
  });
  beforeEach(async () => {
    server = await awx(
      [
        template('Recycle pool', hello, { asks: ['variables', 'limit'] }),
        template('Wait', untilCancelled),
        template('Fail', () => Promise.reject(new Error('no space'))),
      ],
      {
        workflowTemplates: [
          {
            name: 'Both',
            asks: ['variables'],
            nodes: [
              { identifier: 'try', template: 'Fail' },
              { identifier: 'mend', template: 'Recycle pool', after: { node: 'try', on: 'failure' } },
            ],
          },
        ],
      },
    );
    login = { controller_host: server.url, controller_oauthtoken: token };
  });
  afterEach(() => server?.close());

  it('job_launch launches by name with variables and a limit, and waits for the end', async () => {
    const result = await module('job_launch', {
      ...login,
      name: 'Recycle pool',
      extra_vars: { pool: 'shop' },
      limit: 'web01',
      wait: true,
      interval: 0.1,
      timeout: 30,
    });
    assert.deepEqual([result['changed'], result['status']], [true, 'successful'], JSON.stringify(result));
  });

  it('job_launch sees which fields the template does not ask for', async () => {
    const result = await module('job_launch', { ...login, name: 'Wait', limit: 'web01' });
    assert.match(String(result['errors']), /limit was specified but the job template does not allow/);
  });

  it('job_wait gives up in time, job_cancel cancels, and job_cancel again finds nothing to cancel', async () => {
    const { id } = await module('job_launch', {
      controller_host: server.url,
      controller_username: 'handrail',
      controller_password: password,
      name: 'Wait',
    });
    const waited = await module('job_wait', { ...login, job_id: id, timeout: 1, interval: 0.2 });
    assert.match(String(waited['msg']), /aborted due to timeout/);
    assert.equal((await module('job_cancel', { ...login, job_id: id }))['changed'], true);
    const end = await module('job_wait', { ...login, job_id: id, timeout: 30, interval: 0.1 });
    assert.equal(end['status'], 'canceled');
    assert.equal((await module('job_cancel', { ...login, job_id: id }))['changed'], false);
  });

  it('workflow_launch follows a workflow to its end', async () => {
    const result = await module('workflow_launch', {
      ...login,
      name: 'Both',
      wait: true,
      interval: 0.1,
      timeout: 30,
    });
    assert.equal(result['status'], 'successful', JSON.stringify(result));
  });
});
