import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as compose from '../src/compose.ts';
import { type Environment, readConfig } from '../src/config.ts';
import { AppError } from '../src/domain/errors.ts';
import * as f from './fakes/domain.ts';

const key = (n: number) => `whsec_${Buffer.alloc(32, n).toString('base64')}`;
const settings = {
  MICROSOFT_APP_TENANT_ID: 'tenant-1',
  SERVICENOW_URL: 'http://127.0.0.1:1',
  SERVICENOW_USER: 'handrail',
  SERVICENOW_PASSWORD: 'pass',
  SERVICENOW_WEBHOOK_SECRET: key(1),
  OPS_API_URL: 'http://127.0.0.1:1',
  OPS_API_TOKEN: 'token-of-the-ops-api',
  AWX_URL: 'http://127.0.0.1:1',
  AWX_TOKEN: 'token-of-awx',
  JENKINS_URL: 'http://127.0.0.1:1',
  JENKINS_USER: 'handrail',
  JENKINS_TOKEN: 'token-of-jenkins',
};
const config = (change: Record<string, string> = {}): Environment => readConfig({ ...settings, ...change });
const configInvalid = (says: RegExp) => (error: unknown) => {
  assert.ok(error instanceof AppError);
  assert.match(`${error.code} ${error.message} ${error.fix}`, says);
  return true;
};

describe('the parts made from the configuration', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'handrail-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('gives ids that sort in the order they were made', () => {
    const ids = compose.freshIds();
    const made = Array.from({ length: 1_000 }, () => ids.ulid());
    assert.deepEqual([...made].sort(), made);
    assert.equal(new Set(made).size, 1_000);
    assert.match(ids.uuid(), /^[0-9a-f]{8}-[0-9a-f]{4}-4/);
  });

  it('gives ids that nobody can foretell, however many have been made', () => {
    const ids = compose.freshIds();
    const ends = new Map<string, string>();
    // only the first id of a millisecond draws a new random end, of 16 characters
    while (ends.size < 300) {
      const id = ids.ulid();
      if (!ends.has(id.slice(0, 10))) ends.set(id.slice(0, 10), id.slice(10));
    }
    assert.equal(new Set(ends.values()).size, 300);
    const letters = new Set([...ends.values()].join(''));
    assert.equal(letters.size, 32);
  });

  it('keeps the embedded store in a folder that only its user can read', async () => {
    const data = join(folder, 'a', 'b');
    const store = await compose.openStore(config({ HANDRAIL_DATA: data }), compose.systemClock);
    await store.log.ready();
    await store.close();
    assert.equal(statSync(data).mode & 0o077, 0);
    assert.ok(statSync(join(data, 'handrail.db')).size > 0);
  });

  it('says what to set when that folder cannot be made', async () => {
    writeFileSync(join(folder, 'file'), '');
    await assert.rejects(
      compose.openStore(config({ HANDRAIL_DATA: join(folder, 'file') }), compose.systemClock),
      configInvalid(/^store-unavailable the folder .* cannot be made: .* Set HANDRAIL_DATA/),
    );
  });

  it('wants all four settings of an existing Restate cluster, or none', async () => {
    const half = config({
      HANDRAIL_DATA: folder,
      HANDRAIL_ENGINE: 'restate',
      RESTATE_INGRESS_URL: 'http://127.0.0.1:1',
    });
    const store = await compose.openStore(half, compose.systemClock);
    try {
      assert.throws(
        () => compose.makeEngine(half, store, compose.systemClock, compose.freshIds(), () => undefined),
        configInvalid(/^config-invalid RESTATE_INGRESS_URL is set, but .* Set all four/),
      );
    } finally {
      await store.close();
    }
  });

  it('accepts events under the present secret and, while it is rotated, the one before', () => {
    assert.deepEqual(compose.webhookSecrets(config()), [key(1)]);
    const both = config({ SERVICENOW_WEBHOOK_SECRET_PREVIOUS: key(2) });
    assert.deepEqual(compose.webhookSecrets(both), [key(1), key(2)]);
  });

  it('asks ServiceNow for every column that something is decided by', async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(decodeURIComponent(request.url ?? ''));
      response
        .writeHead(404, { 'content-type': 'application/json' })
        .end('{"error":{"message":"No Record found"}}');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      const loaded = f.runbook({
        match: { symptoms: ['5xx'], incident: { u_kind: ['web'] } },
        unless: [{ column: 'ci.u_lock', is: ['1'], because: 'it is locked' }],
      });
      const policy = f.policy({ customerImpact: { column: 'u_customers_hit', values: ['yes'] } });
      const settled = config({ SERVICENOW_URL: `http://127.0.0.1:${port}` });
      const catalogue = { runbooks: new Map([['recycle', loaded]]), policy };
      const itsm = compose.makeItsm(
        settled,
        catalogue,
        await compose.loadMappings(settled),
        compose.systemClock,
      );
      await itsm.incident({ sysId: 'a'.repeat(32) });
      await itsm.ci('c'.repeat(32));
      for (const column of ['u_kind', 'u_customers_hit']) assert.ok(asked[0]?.includes(column), column);
      assert.ok(
        asked.some((url) => url.includes('cmdb_ci') && url.includes('u_lock')),
        asked.join('\n'),
      );
    } finally {
      server.close();
    }
  });

  it('lets one tenant in, and checks who sends activities in production', () => {
    const sandbox = compose.botSettings(config({ MICROSOFT_APP_ID: 'app' }));
    assert.deepEqual([sandbox.identity.mode, sandbox.tenants], ['sandbox', ['tenant-1']]);
    const production = {
      HANDRAIL_MODE: 'production',
      SERVICENOW_URL: 'https://x.service-now.com',
      OPS_API_URL: 'https://ops.example',
      AWX_URL: 'https://awx.example',
      JENKINS_URL: 'https://jenkins.example',
      MICROSOFT_APP_ID: 'app',
      PROBE_HOSTS: 'shop.example',
    };
    const secret = compose.botSettings(config({ ...production, MICROSOFT_APP_PASSWORD: 'p' }));
    assert.deepEqual(secret.identity, {
      mode: 'production',
      appId: 'app',
      appType: 'SingleTenant',
      tenantId: 'tenant-1',
      secret: 'p',
    });
    const managed = compose.botSettings(config({ ...production, MICROSOFT_APP_TYPE: 'UserAssignedMSI' }));
    assert.ok(!('secret' in managed.identity));
  });
});
