import assert from 'node:assert/strict';
import { farmJobs } from '../../../src/sandbox/ops-api/farm-jobs.ts';
import { startWebSite } from '../../../src/sandbox/web-site/server.ts';

const adminToken = 'admin';
const servers = ['web-01', 'web-02', 'web-03', 'web-04'];

/** A farm with its jobs. */
async function farm() {
  const { url, close } = await startWebSite({
    adminToken,
    pools: [],
    farms: [{ name: 'orders', servers }],
    startMs: 5,
  });
  const jobs = farmJobs({ url, adminToken });
  return {
    close,
    health: async (path: string) => (await fetch(`${url}/${path}/health`)).status,
    reason: async (path: string) => (await fetch(`${url}/${path}/health`)).text(),
    break: (server: string, kind = 'worker') =>
      fetch(`${url}/pools/orders.${server}/break`, {
        method: 'POST',
        headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
        body: JSON.stringify({ kind }),
      }),
    /** What became of each server, and why the job failed. */
    run: async (name: string, parameters: Record<string, string>) => {
      const told: string[] = [];
      const lines: string[] = [];
      const signal = new AbortController().signal;
      const tell = (host: string, result: string, detail = '') =>
        void told.push(`${host} ${result} ${detail}`.trim());
      const why = await (
        jobs[name]?.(parameters, (line) => lines.push(line), signal, tell) ?? assert.fail()
      ).then(
        () => '',
        (error: Error) => error.message,
      );
      return { told: told.sort(), why, lines };
    },
  };
}

describe('The web farm of the sandbox', () => {
  let site: Awaited<ReturnType<typeof farm>>;
  beforeEach(async () => {
    site = await farm();
  });
  afterEach(() => site.close());

  it('answers as long as half of its servers are up, from those that are', async () => {
    await site.break('web-01');
    await site.break('web-02');
    for (let n = 0; n < 6; n += 1) assert.equal(await site.health('orders'), 200);
    assert.equal(await site.health('orders.web-01'), 503);
    await site.break('web-03');
    assert.equal(await site.health('orders'), 503);
    assert.match(await site.reason('orders'), /1 of 4 servers are up/);
  });

  it('is recycled on the servers that are named, and on no other', async () => {
    for (const server of servers) await site.break(server);
    const { told, why } = await site.run('iis-recycle-farm', { pool: 'orders', servers: 'web-01,web-02' });
    assert.deepEqual([told, why], [['web-01 succeeded', 'web-02 succeeded'], '']);
    assert.deepEqual(
      await Promise.all(servers.map((server) => site.health(`orders.${server}`))),
      [200, 200, 503, 503],
    );
  });

  it('tells of each server, and fails when one does not come back', async () => {
    await site.break('web-01');
    await site.break('web-02', 'config');
    const { told, why, lines } = await site.run('iis-recycle-farm', {
      pool: 'orders',
      servers: 'web-01, web-02',
    });
    assert.deepEqual(told, [
      'web-01 succeeded',
      'web-02 failed HTTP Error 500.19: web.config cannot be read',
    ]);
    assert.equal(why, 'failed on web-02');
    assert.ok(lines.some((line) => line.startsWith('[web-02] failed')));
    const restored = await site.run('iis-restore-farm-config', { pool: 'orders', servers: 'web-02' });
    assert.deepEqual(restored.told, ['web-02 succeeded']);
    assert.equal(await site.health('orders.web-02'), 200);
  });

  it('says how its servers are without touching them', async () => {
    await site.break('web-03');
    const { lines, told } = await site.run('iis-snapshot-farm', { pool: 'orders', servers: 'web-03,web-04' });
    assert.ok(lines.some((line) => line.startsWith('[web-03] pool orders.web-03 is broken')));
    assert.deepEqual(told, ['web-03 succeeded', 'web-04 succeeded']);
    assert.equal(await site.health('orders.web-03'), 503);
  });

  for (const parameters of [
    {},
    { pool: 'orders' },
    { pool: 'orders', servers: '' },
    { pool: 'orders', servers: '../web-01' },
  ])
    it(`does nothing with ${JSON.stringify(parameters)}`, async () => {
      const { told, why } = await site.run('iis-recycle-farm', parameters as Record<string, string>);
      assert.deepEqual([told, why], [[], 'the parameters pool and servers are missing or no names']);
    });

  it('knows no server of another farm', async () => {
    const { told } = await site.run('iis-recycle-farm', { pool: 'orders', servers: 'web-09' });
    assert.match(told[0] ?? '', /^web-09 failed .*404/);
  });
});
