import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import { closeInstances, type Instance, ids, instance } from './instance.ts';

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const incidents = '/api/now/table/incident';
type Received = { readonly id: string; readonly headers: IncomingHttpHeaders; readonly body: string };

describe('The events of the simulated ServiceNow', () => {
  let receiver: Server;
  let url = '';
  let received: Received[] = [];
  let answers: number[] = [];
  let folder = '';

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'servicenow-'));
    received = [];
    answers = [];
    receiver = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      request.on('end', () => {
        received.push({ id: String(request.headers['webhook-id']), headers: request.headers, body });
        response.writeHead(answers.shift() ?? 202).end();
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/events`;
  });
  afterEach(async () => {
    await closeInstances();
    receiver.closeAllConnections();
    await new Promise((resolve) => receiver.close(resolve));
    await rm(folder, { recursive: true });
  });

  const settled = async (sn: Instance, count: number): Promise<readonly string[]> => {
    while (sn.events().filter((row) => row.state !== 'ready').length < count) await sleep(5);
    return sn.events().map((row) => row.state);
  };
  const events = () => ({ url, secret, backoffMs: () => 1 });

  it('are thin, signed, and raised by inserts and relevant changes of other people only', async () => {
    const sn = await instance({ events: events() });
    const made = await sn.call('POST', incidents, { short_description: 'größer' });
    const sysId = made.result['sys_id'] ?? '';
    const at = `${incidents}/${sysId}`;
    await sn.call('PATCH', at, { description: 'no event for this' });
    await sn.call('PATCH', at, { work_notes: 'nor for this' });
    await sn.call('PATCH', at, { state: '2' }, 'handrail');
    await sn.call('PATCH', at, { cmdb_ci: ids.web01 });
    assert.deepEqual(await settled(sn, 2), ['sent', 'sent']);
    assert.deepEqual(received.map((one) => one.id).toSorted(), [`inc_${sysId}_0`, `inc_${sysId}_4`]);
    for (const { headers, body } of received) {
      const verified = new Webhook(secret).verify(body, headers as Record<string, string>);
      const { table, sys_id, number } = verified as Record<string, unknown>;
      assert.deepEqual([table, sys_id, number], ['incident', sysId, 'INC0010001']);
    }
  });

  it('carry what an AI triage wrote into its column, whatever it is', async () => {
    const sn = await instance({ events: events() });
    await sn.call('POST', incidents, { u_triage_suggestion: '{"runbook":"größer"}' });
    await sn.call('POST', incidents, { u_triage_suggestion: '{"runbook":' });
    await sn.call('POST', incidents, {});
    await settled(sn, 3);
    const carried = sn.events().map((row) => (JSON.parse(row.body) as { suggestion?: unknown }).suggestion);
    assert.deepEqual(carried, [{ runbook: 'größer' }, '{"runbook":', undefined]);
  });

  it('are tried again under the same id after a 5xx', async () => {
    answers = [503, 500];
    const sn = await instance({ events: events() });
    await sn.call('POST', incidents, {});
    assert.deepEqual(await settled(sn, 1), ['sent']);
    assert.equal(received.length, 3);
    assert.equal(new Set(received.map((one) => one.id)).size, 1);
    assert.equal(sn.events()[0]?.attempts, 3);
  });

  for (const status of [400, 401, 403, 410])
    it(`are dead after a ${status}`, async () => {
      answers = [status];
      const sn = await instance({ events: events() });
      await sn.call('POST', incidents, {});
      assert.deepEqual(await settled(sn, 1), ['dead']);
      assert.equal(sn.events()[0]?.lastStatus, status);
    });

  it('are dead after the last attempt', async () => {
    answers = [503, 503, 503];
    const sn = await instance({ events: { ...events(), maxAttempts: 2 } });
    await sn.call('POST', incidents, {});
    assert.deepEqual(await settled(sn, 1), ['dead']);
    assert.equal(received.length, 2);
  });

  it('survive a restart while nobody listens', async () => {
    const stateFile = join(folder, 'servicenow.json');
    const nobody = { url: 'http://127.0.0.1:1/', secret, backoffMs: () => 1, maxAttempts: 100_000 };
    const first = await instance({ stateFile, events: nobody });
    await first.call('POST', incidents, {});
    while ((first.events()[0]?.attempts ?? 0) === 0) await sleep(5);
    await closeInstances();
    assert.equal(received.length, 0);
    const second = await instance({ stateFile });
    second.sendEventsTo(events());
    assert.deepEqual(await settled(second, 1), ['sent']);
    assert.equal(received.length, 1);
  });

  it('need a secret that can sign', async () => {
    const sn = await instance();
    assert.throws(() => sn.sendEventsTo({ url, secret: 'whsec_!' }));
    await assert.rejects(instance({ events: { url, secret: '' } }));
  });

  it('are signed with both secrets during a rotation', async () => {
    const old = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;
    const sn = await instance({ events: { ...events(), previousSecret: old } });
    await sn.call('POST', incidents, {});
    await settled(sn, 1);
    const [one] = received;
    assert.ok(one);
    for (const key of [secret, old]) new Webhook(key).verify(one.body, one.headers as Record<string, string>);
  });
});
