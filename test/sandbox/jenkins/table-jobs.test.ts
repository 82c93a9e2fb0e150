import assert from 'node:assert/strict';
import { tableJobs } from '../../../src/sandbox/jenkins/table-jobs.ts';
import { iisJobs } from '../../../src/sandbox/ops-api/jobs.ts';
import { startWebSite } from '../../../src/sandbox/web-site/server.ts';
import { jenkins, numberOf, over } from './jenkins-world.ts';

const adminToken = 'admin';

describe('The IIS jobs of the simulated Jenkins', () => {
  it('collect the log, recycle and restore the pool of the simulated site', async () => {
    const pools = [{ name: 'shop' }, { name: 'portal', breaks: 'config' as const }];
    const site = await startWebSite({ adminToken, pools, startMs: 20 });
    const server = await jenkins(tableJobs(iisJobs({ url: site.url, adminToken }), ['site', 'pool']));
    const health = async (pool: string) => (await fetch(`${site.url}/${pool}/health`)).status;
    const run = async (name: string, pool: string) => {
      const form = { site: 'Default Web Site', pool, EXECUTION_ID: 'e-1' };
      const { status, headers } = await server.call('POST', `/job/${name}/buildWithParameters`, { form });
      assert.equal(status, 201);
      const path = `/job/${name}/${await numberOf(server, headers.get('location'))}`;
      const { result } = await over(server, path);
      return `${String(result)} ${(await server.call('GET', `${path}/consoleText`)).text}`;
    };
    for (const pool of ['shop', 'portal'])
      await fetch(`${site.url}/pools/${pool}/break`, {
        method: 'POST',
        headers: { authorization: `Bearer ${adminToken}` },
      });

    assert.match(await run('iis-snapshot-logs', 'shop'), /^SUCCESS .*pool shop is broken/s);
    assert.equal(await health('shop'), 503);
    assert.match(await run('iis-recycle-pool', 'shop'), /^SUCCESS .*recycle 1 requested/s);
    assert.equal(await health('shop'), 200);
    await run('iis-recycle-pool', 'portal');
    assert.equal(await health('portal'), 503);
    await run('iis-restore-pool-config', 'portal');
    assert.equal(await health('portal'), 200);
    assert.match(await run('iis-recycle-pool', 'nobody'), /^FAILURE .*ERROR: .*answered 404/s);
    await server.close();
    await site.close();
  });
});
