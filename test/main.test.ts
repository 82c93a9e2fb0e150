import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const canary = 'c4n4ry';
const settings = {
  MICROSOFT_APP_TENANT_ID: 'tenant-1',
  SERVICENOW_URL: 'http://127.0.0.1:9',
  SERVICENOW_USER: 'handrail',
  SERVICENOW_PASSWORD: `${canary}-1`,
  SERVICENOW_WEBHOOK_SECRET: `whsec_${Buffer.from(canary.repeat(5)).toString('base64')}`,
  OPS_API_URL: 'http://127.0.0.1:9',
  OPS_API_TOKEN: `${canary}-2`,
  AWX_URL: 'http://127.0.0.1:9',
  AWX_TOKEN: `${canary}-4`,
  JENKINS_URL: 'http://127.0.0.1:9',
  JENKINS_USER: 'handrail',
  JENKINS_TOKEN: `${canary}-5`,
  PORT: '0',
};
const { PATH = '' } = process.env;

describe('the process', function () {
  this.timeout(120_000);
  let folder: string;
  const children = new Set<ChildProcess>();
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'handrail-'));
  });
  afterEach(async () => {
    for (const child of children) {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null)
        await new Promise((gone) => child.once('exit', gone));
    }
    children.clear();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Starts main.ts with these settings and nothing else of the environment. */
  function start(change: Record<string, string> = {}, base: Record<string, string> = settings) {
    const env = { PATH, HANDRAIL_DATA: join(folder, 'data'), ...base, ...change };
    const child = spawn(process.execPath, ['src/main.ts'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    children.add(child);
    let said = '';
    child.stdout.on('data', (chunk) => {
      said += chunk;
    });
    child.stderr.on('data', (chunk) => {
      said += chunk;
    });
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    return {
      child,
      ended,
      said: () => said,
      /** The address it says it listens on; fails with all it said when it ends before. */
      async url(): Promise<string> {
        for (;;) {
          const found = /http:\/\/[\d.]+:\d+/.exec(said)?.[0];
          if (found !== undefined && said.includes('is ready')) return found;
          assert.equal(child.exitCode, null, said);
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      },
    };
  }
  /** What a start that is refused says: the reason and what to do, no stack, no secret. */
  async function refusal(change: Record<string, string>, base?: Record<string, string>): Promise<string> {
    const refused = start(change, base);
    assert.equal(await refused.ended, 1, refused.said());
    assert.match(refused.said(), /^Handrail cannot start: /m);
    assert.doesNotMatch(refused.said(), /^\s+at |node:internal|c4n4ry/m);
    return refused.said();
  }

  it('does not start without its settings, and names them all', async () => {
    const said = await refusal({ HANDRAIL_MODE: 'production', OPS_API_TOKEN: canary }, {});
    for (const name of ['MICROSOFT_APP_ID', 'SERVICENOW_URL', 'SERVICENOW_WEBHOOK_SECRET', 'PROBE_HOSTS'])
      assert.match(said, new RegExp(`^ {2}${name} is missing`, 'm'));
    assert.match(said, /README/);
  });

  it('does not start on a runbook with a fault, and names file, line and field', async () => {
    cpSync('runbooks', join(folder, 'runbooks'), { recursive: true });
    const file = join(folder, 'runbooks', 'iis-app-pool-recycle.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace('cooldown: 30m', 'cooldown: soon'));
    const said = await refusal({ HANDRAIL_RUNBOOKS: join(folder, 'runbooks') });
    assert.match(said, /iis-app-pool-recycle\.yaml:\d+ cooldown: expected a duration/);
    assert.match(said, /Correct the lines named above/);
  });

  it('does not start on a store that is none', async () => {
    mkdirSync(join(folder, 'data'));
    writeFileSync(join(folder, 'data', 'handrail.db'), 'this is no database, it is a text file\n'.repeat(50));
    assert.match(await refusal({}), /not a database.*\n.*Give the path of a Handrail store/);
  });

  it('is ready on this machine only, shares neither store nor port, ends in order, and starts again', async () => {
    const first = start();
    const url = await first.url();
    assert.match(url, /^http:\/\/127\.0\.0\.1:/);
    const ready = await fetch(`${url}/readyz`);
    assert.deepEqual([ready.status, await ready.json()], [200, { status: 'ready' }]);
    const [shared, taken] = await Promise.all([
      refusal({}),
      refusal({ HANDRAIL_DATA: join(folder, 'other'), PORT: new URL(url).port }),
    ]);
    assert.match(shared, /in use|another process/i);
    assert.match(taken, /cannot listen on 127\.0\.0\.1:\d+.*\n.*Set PORT/);
    first.child.kill('SIGTERM');
    assert.equal(await first.ended, 0, first.said());
    assert.doesNotMatch(first.said(), / error |c4n4ry/);
    await start().url();
  });

  it('logs JSON in production, and lets no unsigned activity in', async () => {
    const production = start({
      HANDRAIL_MODE: 'production',
      HANDRAIL_DATA: join(folder, 'production'),
      HOST: '127.0.0.1',
      SERVICENOW_URL: 'https://127.0.0.1:9',
      OPS_API_URL: 'https://127.0.0.1:9',
      AWX_URL: 'https://127.0.0.1:9',
      JENKINS_URL: 'https://127.0.0.1:9',
      MICROSOFT_APP_ID: '5b0f3c1e-0000-4000-8000-000000000009',
      MICROSOFT_APP_PASSWORD: `${canary}-3`,
      PROBE_HOSTS: 'shop.example',
    });
    const url = await production.url();
    const lines = production.said().trim().split('\n');
    const said = lines.map((line) => JSON.parse(line) as Record<string, string>);
    assert.deepEqual(
      said.map(({ level, message }) => [level, message]),
      [
        ['warn', 'the members of groups could not be counted'],
        ['info', 'Handrail is ready'],
      ],
    );
    const unsigned = await fetch(`${url}/api/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ type: 'message', serviceUrl: 'https://smba.trafficmanager.net/teams/' }),
    });
    assert.ok([400, 401].includes(unsigned.status), `${unsigned.status}`);
    assert.doesNotMatch(production.said(), /c4n4ry/);
  });

  it('keeps an event that ServiceNow cannot explain now, and takes it up again after a restart', async () => {
    const asked: string[] = [];
    const servicenow = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(503).end();
    });
    await new Promise<void>((listening) => servicenow.listen(0, '127.0.0.1', listening));
    const { port } = servicenow.address() as AddressInfo;
    const down = { SERVICENOW_URL: `http://127.0.0.1:${port}` };
    try {
      const { Webhook } = await import('standardwebhooks');
      const body = JSON.stringify({ sys_id: 'a'.repeat(32), sys_mod_count: 1 });
      const at = new Date();
      const first = start(down);
      const answer = await fetch(`${await first.url()}/api/servicenow/events`, {
        method: 'POST',
        body,
        headers: {
          'webhook-id': 'evt-1',
          'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
          'webhook-signature': new Webhook(settings.SERVICENOW_WEBHOOK_SECRET).sign('evt-1', at, body),
        },
      });
      assert.equal(answer.status, 202);
      first.child.kill('SIGKILL');
      await first.ended;
      const looks = (): number => asked.filter((path) => path.includes('aaaaaaaa')).length;
      const before = looks();
      await start(down).url();
      // the process that died had it, for some seconds
      for (let n = 0; n < 450 && looks() === before; n++)
        await new Promise((resolve) => setTimeout(resolve, 100));
      assert.ok(looks() > before, 'the event was forgotten');
    } finally {
      servicenow.closeAllConnections();
      await new Promise((closed) => servicenow.close(closed));
    }
  });
});
