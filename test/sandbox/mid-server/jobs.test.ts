import assert from 'node:assert/strict';
import { midJobs } from '../../../src/sandbox/mid-server/jobs.ts';
import { startMidServers } from '../../../src/sandbox/mid-server/server.ts';

const adminToken = 'admin';

/** Two MID servers with their jobs; `run` gives the log of one job, or throws what it threw. */
async function world(changes: { startMs?: number; upWithinMs?: number; token?: string } = {}) {
  const { startMs = 20, upWithinMs = 5_000, token = adminToken } = changes;
  const { url, close } = await startMidServers({ adminToken, names: ['mid-1', 'mid-2'], startMs });
  const jobs = midJobs({ url, adminToken: token, upWithinMs });
  return {
    close,
    health: async (name: string) => (await fetch(`${url}/${name}/health`)).status,
    break: (name: string, fault: string) =>
      fetch(`${url}/workers/${name}/break`, {
        method: 'POST',
        headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
        body: JSON.stringify({ fault }),
      }),
    run: async (name: string, parameters: Record<string, string>) => {
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

describe('The MID servers of the sandbox', () => {
  let mid: Awaited<ReturnType<typeof world>>;
  beforeEach(async () => {
    mid = await world();
  });
  afterEach(() => mid.close());

  for (const [fault, service, does] of [
    ['hung', 'running', 'restarting'],
    ['stopped', 'stopped', 'starting'],
  ] as const)
    it(`are down while ${fault}, with a service that is ${service}, and well after a restart`, async () => {
      assert.equal((await mid.break('mid-1', fault)).status, 202);
      assert.deepEqual([await mid.health('mid-1'), await mid.health('mid-2')], [503, 200]);
      assert.match(
        await mid.run('mid-collect-logs', { worker: 'mid-1' }),
        new RegExp(`is ${service}, whatever`),
      );
      assert.equal(await mid.health('mid-1'), 503, 'collecting logs changed something');
      assert.match(
        await mid.run('mid-restart', { worker: 'mid-1' }),
        new RegExp(`${does} it.*reads its queue`, 's'),
      );
      assert.equal(await mid.health('mid-1'), 200);
    });

  it('are not restarted while they upgrade themselves, whoever asks', async () => {
    await mid.break('mid-1', 'upgrading');
    await assert.rejects(mid.run('mid-restart', { worker: 'mid-1' }), /must not be interrupted/);
    assert.match(await mid.run('mid-collect-logs', { worker: 'mid-1' }), /upgrade in progress: yes/);
    assert.equal(await mid.health('mid-1'), 503);
  });

  it('fail a restart that takes too long, one of an unknown server, and one with a wrong token', async () => {
    const slow = await world({ startMs: 60_000, upWithinMs: 30 });
    await slow.break('mid-1', 'hung');
    await assert.rejects(slow.run('mid-restart', { worker: 'mid-1' }), /did not start in time/);
    await slow.close();
    await assert.rejects(mid.run('mid-restart', { worker: 'mid-9' }), /answered 404/);
    await assert.rejects(mid.run('mid-restart', { worker: '../mid-1' }), /not the name of a MID server/);
    const stranger = await world({ token: 'wrong' });
    await assert.rejects(stranger.run('mid-restart', { worker: 'mid-1' }), /answered 401/);
    await stranger.close();
  });

  it('break in no other way than they can', async () => {
    assert.equal((await mid.break('mid-1', 'on fire')).status, 400);
    assert.equal((await mid.break('mid-9', 'hung')).status, 404);
    assert.equal(await mid.health('mid-1'), 200);
  });
});
