import assert from 'node:assert/strict';
import { iisJobs } from '../../../src/sandbox/ops-api/jobs.ts';
import { startWebSite } from '../../../src/sandbox/web-site/server.ts';

const adminToken = 'admin';

/** A site with its jobs; `run` gives the log of one, or throws what the job threw. */
async function world(changes: { startMs?: number; upWithinMs?: number; token?: string } = {}) {
  const { startMs = 20, upWithinMs = 5_000, token = adminToken } = changes;
  const pools = [{ name: 'shop' }, { name: 'portal', breaks: 'config' as const }];
  const { url, close } = await startWebSite({ adminToken, pools, startMs });
  const jobs = iisJobs({ url, adminToken: token, upWithinMs });
  return {
    close,
    health: async (pool: string) => (await fetch(`${url}/${pool}/health`)).status,
    break: (pool: string) =>
      fetch(`${url}/pools/${pool}/break`, {
        method: 'POST',
        headers: { authorization: `Bearer ${adminToken}` },
      }),
    run: async (name: string, parameters: Record<string, string>, signal = new AbortController().signal) => {
      const lines: string[] = [];
      await jobs[name]?.(
        parameters,
        (line) => lines.push(line),
        signal,
        () => undefined,
      );
      return lines.join('\n');
    },
  };
}

describe('The IIS jobs of the sandbox', () => {
  it('recycle a broken pool and wait until its worker is up', async () => {
    const site = await world();
    await site.break('shop');
    const log = await site.run('iis-recycle-pool', { pool: 'shop' });
    assert.equal(await site.health('shop'), 200);
    assert.match(log, /recycle 1 requested.*is up/s);
    await site.close();
  });

  it('collect the real error log and the counts by status, and change nothing', async () => {
    const site = await world();
    await site.health('shop');
    await site.break('shop');
    await site.health('shop');
    const log = await site.run('iis-snapshot-logs', { pool: 'shop' });
    assert.match(log, /pool shop is broken: the worker process hangs/);
    assert.match(log, /requests by status: \{"200":1,"503":1\}/);
    assert.match(log, /ERROR 503 \/shop\/health/);
    assert.equal(await site.health('shop'), 503);
    await site.close();
  });

  it('end well for a pool that is not healed by a recycle, so that verification finds out', async () => {
    const site = await world();
    await site.break('portal');
    await site.run('iis-recycle-pool', { pool: 'portal' });
    assert.equal(await site.health('portal'), 503);
    await site.run('iis-restore-pool-config', { pool: 'portal' });
    assert.equal(await site.health('portal'), 200);
    await site.close();
  });

  it('fail when the worker does not come up in time', async () => {
    const site = await world({ startMs: 60_000, upWithinMs: 100 });
    await assert.rejects(site.run('iis-recycle-pool', { pool: 'shop' }), /did not start in time/);
    await site.close();
  });

  it('stop when they are cancelled', async () => {
    const site = await world({ startMs: 60_000 });
    const abort = new AbortController();
    const running = site.run('iis-recycle-pool', { pool: 'shop' }, abort.signal);
    setTimeout(() => abort.abort(new Error('canceled on request')), 100);
    await assert.rejects(running);
    await site.close();
  });

  it('fail without a pool, with one the site does not have, and without the right to act', async () => {
    const site = await world();
    await assert.rejects(site.run('iis-recycle-pool', {}), /parameter pool/);
    await assert.rejects(site.run('iis-recycle-pool', { pool: '../shop' }), /parameter pool/);
    await assert.rejects(site.run('iis-recycle-pool', { pool: 'blog' }), /answered 404/);
    await site.close();
    const stranger = await world({ token: 'guess' });
    await assert.rejects(stranger.run('iis-recycle-pool', { pool: 'shop' }), /answered 401/);
    await stranger.close();
  });
});
