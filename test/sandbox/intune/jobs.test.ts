import assert from 'node:assert/strict';
import { z } from 'zod';
import { startEntra } from '../../../src/sandbox/entra/server.ts';
import { type DeviceFault, openDevices } from '../../../src/sandbox/intune/devices.ts';
import { deviceJobs } from '../../../src/sandbox/intune/jobs.ts';
import { intuneRoutes } from '../../../src/sandbox/intune/routes.ts';

const Answered = z.object({
  complianceState: z.string().optional(),
  lastSyncDateTime: z.string().optional(),
  error: z.object({ code: z.string() }).optional(),
});
const bodyOf = async (response: Response) => Answered.parse(await response.json());

const id = '0d1f0000-0000-4000-8000-000000000001';
const owner = { id: '6c1d0000-0000-4000-8000-000000000001', userPrincipalName: 'dana@contoso.example' };

/** One device with its jobs; `run` gives the log of one job, or throws what it threw. */
async function world(token = 'write') {
  const devices = openDevices([{ id, deviceName: 'LAPTOP-1', owner }], 10);
  const more = intuneRoutes({ devices, readToken: 'read', token: 'write' });
  const { url, close } = await startEntra({ token: 'read', people: [], groups: [], more });
  const jobs = deviceJobs({ url, adminToken: token });
  const call = (path: string, init: RequestInit = {}, as = 'read') =>
    fetch(`${url}/${path}`, {
      ...init,
      headers: { authorization: `Bearer ${as}`, 'content-type': 'application/json' },
    });
  return {
    close,
    call,
    seen: async () => bodyOf(await call(`v1.0/deviceManagement/managedDevices/${id}`)),
    break: (fault: DeviceFault) =>
      call(`devices/${id}/break`, { method: 'POST', body: JSON.stringify({ fault }) }, 'write'),
    run: async (name: string, parameters: Record<string, string> = { device: id, owner: owner.id }) => {
      const lines: string[] = [];
      await jobs[name]?.(
        parameters,
        (line) => lines.push(line),
        new AbortController().signal,
        () => undefined,
      );
      return lines.join('\n');
    },
  };
}
type World = Awaited<ReturnType<typeof world>>;

/** Waits until the device has synced once more. */
async function synced({ seen }: World, since: number) {
  for (let tries = 0; tries < 500; tries++) {
    const device = await seen();
    if (Date.parse(device.lastSyncDateTime ?? '') >= since) return device;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return assert.fail('it never synced');
}

describe('the managed devices of the sandbox', () => {
  let intune: World;
  beforeEach(async () => {
    intune = await world();
  });
  afterEach(() => intune.close());

  for (const [fault, job, state] of [
    ['stale', 'device-sync', 'compliant'],
    ['session', 'device-sync', 'noncompliant'],
    ['session', 'device-restore', 'compliant'],
    ['broken', 'device-restore', 'noncompliant'],
  ] as const)
    it(`are ${state} after ${job} when they are ${fault}, once they have synced`, async () => {
      assert.equal((await intune.break(fault)).status, 202);
      assert.equal((await intune.seen()).complianceState, 'noncompliant');
      assert.match(await intune.run('device-report'), /LAPTOP-1 of dana@contoso.example is noncompliant/);
      const since = Date.now();
      await intune.run(job);
      assert.equal((await synced(intune, since)).complianceState, state);
    });

  it('show what is asked for, and only to whoever may see it', async () => {
    const path = `v1.0/deviceManagement/managedDevices/${id.toUpperCase()}?$select=id,complianceState`;
    assert.deepEqual(await (await intune.call(path)).json(), { id, complianceState: 'compliant' });
    assert.equal((await intune.call(path, {}, 'nobody')).status, 401);
    const none = await intune.call(`v1.0/deviceManagement/managedDevices/${owner.id}`);
    assert.deepEqual([none.status, (await bodyOf(none)).error?.code], [404, 'ResourceNotFound']);
  });

  it('take no action from somebody who may only read', async () => {
    const reader = await world('read');
    await assert.rejects(reader.run('device-sync'), /answered 403/);
    await assert.rejects(reader.run('device-restore'), /answered 403/);
    await reader.close();
  });

  it('are asked for by their id, and their owner has to be named where sessions end', async () => {
    await assert.rejects(intune.run('device-sync', { device: 'LAPTOP-1' }), /not the id of a device/);
    await assert.rejects(intune.run('device-restore', { device: id }), /parameter owner is missing/);
  });
});
