import assert from 'node:assert/strict';
import { deviceCompliance } from '../../../src/adapters/probes/device-compliance.ts';
import { DeviceComplianceProbe } from '../../../src/domain/probe.ts';
import type { ProbeMoment } from '../../../src/ports.ts';
import { httpServer, json, type Respond } from './http-server.ts';
import { refusal } from './refusal.ts';

const id = '0d1f0000-0000-4000-8000-000000000001';
const at = (minutes: number) => new Date(Date.UTC(2026, 10, 22, 10, minutes));
const now = at(5);
const probe = (change: Record<string, unknown> = {}) =>
  DeviceComplianceProbe.parse({ device: id, ...change });
const moment = (change: Partial<ProbeMoment> = {}): ProbeMoment => ({
  since: at(1),
  until: at(30),
  ...change,
});
const device = (change: Record<string, unknown> = {}) => ({
  '@odata.context': 'https://graph.microsoft.com/v1.0/$metadata#deviceManagement/managedDevices/$entity',
  id,
  deviceName: 'LAPTOP-01',
  complianceState: 'compliant',
  lastSyncDateTime: '2026-11-22T10:03:00Z',
  ...change,
});
const says =
  (body: unknown, status = 200): Respond =>
  (_, response) =>
    json(response, status, body);
const graphError = (status: number, code: string): Respond =>
  says({ error: { code, message: 'no' } }, status);

async function looked(respond: Respond, change: Record<string, unknown> = {}, when = moment()) {
  const server = await httpServer(respond);
  const looker = deviceCompliance({
    baseUrl: `${server.url}/`,
    token: async () => 'graph-token',
    withinMs: 2_000,
    clock: { now: () => now },
  });
  try {
    return { ...(await looker.look(probe(change), when)), requests: server.requests };
  } finally {
    server.close();
  }
}

describe('the compliance of a device', () => {
  it('is well when Intune says compliant, as of a sync after the change', async () => {
    const { healthy, again, summary, checks, requests } = await looked(says(device()));
    assert.deepEqual([healthy, again], [true, undefined]);
    assert.equal(summary, 'Intune: LAPTOP-01 is compliant, synced 2026-11-22T10:03:00.000Z');
    assert.deepEqual(
      checks.map((check) => [check.at, check.ok, check.status]),
      [[now.toISOString(), true, 200]],
    );
    const [{ url, method, headers } = assert.fail()] = requests;
    assert.deepEqual(
      [method, url.pathname, url.searchParams.get('$select'), headers.authorization],
      [
        'GET',
        `/v1.0/deviceManagement/managedDevices/${id}`,
        'id,deviceName,complianceState,lastSyncDateTime',
        'Bearer graph-token',
      ],
    );
  });

  it('is no proof when it is older than the change', async () => {
    const { healthy, again, summary } = await looked(
      says(device({ lastSyncDateTime: '2026-11-22T10:00:59Z' })),
    );
    assert.deepEqual([healthy, again], [false, new Date(now.getTime() + 30_000)]);
    assert.match(
      summary,
      /is compliant, last synced 2026-11-22T10:00:59.000Z, before the end of the change$/,
    );
  });

  for (const [state, want] of [
    ['noncompliant', 'not compliant'],
    ['inGracePeriod', 'not compliant, in its grace period'],
    ['conflict', 'in conflict: two policies contradict each other'],
    ['error', 'in error: its compliance could not be evaluated'],
    ['unknown', 'of unknown compliance'],
    ['configManager', 'judged by Configuration Manager, which is not asked'],
    ['quarantined', 'in the state "quarantined", which Microsoft does not document'],
    ['Compliant', 'in the state "Compliant", which Microsoft does not document'],
    ['toString', 'in the state "toString", which Microsoft does not document'],
    [undefined, 'without a compliance state'],
    [null, 'without a compliance state'],
  ] as const)
    it(`is not well as ${state}, and is looked at again`, async () => {
      const { healthy, again, summary } = await looked(says(device({ complianceState: state })));
      assert.deepEqual([healthy, again], [false, new Date(now.getTime() + 30_000)]);
      assert.equal(summary, `Intune: LAPTOP-01 is ${want}, synced 2026-11-22T10:03:00.000Z`);
    });

  it('is not well when the device never synced', async () => {
    for (const lastSyncDateTime of [undefined, null, '0001-01-01T00:00:00Z']) {
      const { healthy, summary } = await looked(says(device({ lastSyncDateTime })));
      assert.equal(healthy, false);
      assert.match(summary, /is compliant, and never synced$/);
    }
  });

  it('has its verdict by the deadline', async () => {
    const sick = says(device({ complianceState: 'noncompliant' }));
    const last = await looked(sick, {}, moment({ until: new Date(now.getTime() + 29_999) }));
    assert.deepEqual([last.healthy, last.again], [false, undefined]);
    const next = await looked(sick, { every: '10s' }, moment({ until: new Date(now.getTime() + 10_000) }));
    assert.deepEqual(next.again, new Date(now.getTime() + 10_000));
  });
});

describe('a device that cannot be read just now', () => {
  const html: Respond = (_, response) => void response.writeHead(200).end('<html>Sign in</html>');
  const gateway: Respond = (_, response) => void response.writeHead(404).end('<html>Not found</html>');
  for (const [name, respond, want] of [
    ['Graph is away', graphError(503, 'ServiceUnavailable'), /status 503, ServiceUnavailable: no$/],
    ['it answers HTML', html, /this is no answer of Microsoft Graph$/],
    ['it answers something else', says({ value: [] }), /this is no answer of Microsoft Graph$/],
    ['its sync is no time', says(device({ lastSyncDateTime: 'yesterday' })), /no answer of Microsoft Graph$/],
    ['a gateway knows no such page', gateway, /status 404$/],
    ['the connection breaks', (_, response) => void response.destroy(), /the connection failed/],
  ] as [string, Respond, RegExp][])
    it(`is not well, and is looked at again: ${name}`, async () => {
      const { healthy, again, summary, checks } = await looked(respond);
      assert.deepEqual([healthy, again], [false, new Date(now.getTime() + 30_000)]);
      assert.match(summary, want);
      assert.equal(checks[0]?.ok, false);
    });

  it('is left alone as long as Graph asks when it is throttled', async () => {
    const throttled: Respond = (_, response) =>
      void response
        .writeHead(429, { 'retry-after': '120' })
        .end('{"error":{"code":"TooManyRequests","message":"wait"}}');
    const { again, summary } = await looked(throttled);
    assert.deepEqual(again, new Date(now.getTime() + 120_000));
    assert.match(summary, /could not be read: status 429, TooManyRequests: wait$/);
    const late = await looked(throttled, {}, moment({ until: at(6) }));
    assert.deepEqual([late.healthy, late.again], [false, undefined]);
  });

  it('is looked at again when no token can be had', async () => {
    const looker = deviceCompliance({
      baseUrl: 'http://127.0.0.1:9',
      token: async () => Promise.reject(new Error('the identity is away')),
      clock: { now: () => now },
    });
    const { healthy, again, summary } = await looker.look(probe(), moment());
    assert.deepEqual([healthy, again], [false, new Date(now.getTime() + 30_000)]);
    assert.match(summary, /no token for Microsoft Graph: the identity is away$/);
  });
});

describe('a device that looking again cannot make readable', () => {
  for (const [name, respond, message, fix] of [
    [
      'no permission',
      graphError(403, 'Forbidden'),
      /does not let/,
      /DeviceManagementManagedDevices\.Read\.All/,
    ],
    ['a token nobody accepts', graphError(401, 'InvalidAuthenticationToken'), /does not let/, /permission/],
    ['no such device', graphError(404, 'ResourceNotFound'), /Intune has no device/, /in the CMDB/],
    ['a question it cannot read', graphError(400, 'BadRequest'), /cannot read the question/, /in the CMDB/],
    [
      'a redirect',
      (_, response) => void response.writeHead(302, { location: 'https://evil.example' }).end(),
      /elsewhere/,
      /GRAPH_URL/,
    ],
    ['another device', says(device({ id: id.replace('1', '2') })), /another device/, /GRAPH_URL/],
  ] as [string, Respond, RegExp, RegExp][])
    it(`is refused, and says what to do: ${name}`, async () => {
      const error = await refusal(looked(respond));
      assert.equal(error.code, 'probe-refused');
      assert.match(error.message, message);
      assert.match(error.fix, fix);
      assert.ok(!`${error.message} ${error.fix}`.includes('graph-token'));
    });

  it('is refused before anything is sent when its id is none', async () => {
    for (const bad of ['', '..', `${id}/../../users`, `${id}?$select=x`, 'laptop']) {
      const looker = deviceCompliance({
        baseUrl: 'http://127.0.0.1:9',
        token: async () => assert.fail('asked'),
      });
      const error = await refusal(looker.look({ device: bad, every: 30_000 }, moment()));
      assert.match(error.message, /is not the id of a managed device/);
    }
  });
});
