import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startWebSite, type WebSiteOptions } from '../../../src/sandbox/web-site/server.ts';

const base: WebSiteOptions = {
  adminToken: 'admin',
  startMs: 0,
  pools: [{ name: 'shop' }, { name: 'portal', breaks: 'config' }],
};

async function site(changes: Partial<WebSiteOptions> = {}) {
  const { url, close } = await startWebSite({ ...base, ...changes });
  const get = async (path: string) => {
    const response = await fetch(`${url}${path}`);
    return `${response.status} ${await response.text()}`;
  };
  const admin = (method: string, path: string, body?: unknown, token = 'admin') =>
    fetch(`${url}/pools/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  return { url, close, get, admin };
}

describe('The simulated web site', () => {
  it('answers OK on every path of a healthy pool', async () => {
    const { get, close } = await site();
    for (const path of ['/shop', '/shop/', '/shop/health', '/portal/a/b', '/health'])
      assert.equal(await get(path), '200 OK');
    assert.equal(await get('/'), '200 /shop/ started\n/portal/ started\n');
    assert.match(await get('/unknown/health'), /^404/);
    await close();
  });

  it('answers 503 with the reason while a pool is broken, and leaves the others alone', async () => {
    const { get, admin, close } = await site();
    await admin('POST', 'shop/break', { reason: 'deadlock in the session store' });
    assert.match(await get('/shop/health'), /^503 .*reason: deadlock in the session store/s);
    assert.match(await get('/health'), /^503 .*pool: shop/s);
    assert.equal(await get('/portal/health'), '200 OK');
    await close();
  });

  it('is healthy again after the broken pool was recycled', async () => {
    const { get, admin, close } = await site();
    await admin('POST', 'shop/break');
    await admin('POST', 'shop/recycle');
    assert.equal(await get('/shop/health'), '200 OK');
    await close();
  });

  it('needs some time until a recycled worker is up', async () => {
    const slow = await site({ startMs: 60_000 });
    await slow.admin('POST', 'shop/recycle');
    assert.match(await slow.get('/shop/health'), /^503 .*starting/s);
    await slow.close();
    const quick = await site({ startMs: 30 });
    await quick.admin('POST', 'shop/recycle');
    while ((await quick.get('/shop/health')) !== '200 OK') await delay(10);
    await quick.close();
  });

  it('does not heal a broken configuration by recycling, only by restoring it', async () => {
    const { get, admin, close } = await site();
    await admin('POST', 'portal/break');
    await admin('POST', 'portal/recycle');
    assert.match(await get('/portal/health'), /^503 .*web\.config/s);
    await admin('POST', 'portal/restore-config');
    assert.equal(await get('/portal/health'), '200 OK');
    await close();
  });

  it('does not heal a hanging worker of the wrong kind by restoring the configuration', async () => {
    const { get, admin, close } = await site();
    await admin('POST', 'portal/break', { kind: 'worker' });
    await admin('POST', 'portal/restore-config');
    assert.match(await get('/portal/health'), /^503/);
    await close();
  });

  it('keeps a log of what went wrong and counts answers by status', async () => {
    const { get, admin, close } = await site();
    await get('/shop/health');
    await admin('POST', 'shop/break', { reason: 'out of memory' });
    await get('/shop/cart?item=1');
    const log = (await (await admin('GET', 'shop/log')).json()) as { lines: string[]; counts: unknown };
    assert.deepEqual(log.counts, { 200: 1, 503: 1 });
    assert.match(log.lines[0] ?? '', /FATAL pool shop: out of memory/);
    assert.match(log.lines[1] ?? '', /ERROR 503 \/shop\/cart out of memory/);
    await close();
  });

  it('lets nobody change a pool or read its log without the admin token', async () => {
    const { get, admin, close } = await site();
    for (const action of ['break', 'recycle', 'restore-config'])
      assert.equal((await admin('POST', `shop/${action}`, {}, 'guess')).status, 401);
    assert.equal((await admin('GET', 'shop/log', undefined, 'guess')).status, 401);
    assert.equal(await get('/shop/health'), '200 OK');
    await close();
  });

  it('refuses a pool it does not have and a body it does not know', async () => {
    const { admin, close } = await site();
    assert.equal((await admin('POST', 'blog/recycle')).status, 404);
    assert.equal((await admin('POST', 'shop/break', { kind: 'disk' })).status, 400);
    await close();
  });

  it('is as broken after a restart as before', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'site-'));
    const stateFile = join(folder, 'site.json');
    const first = await site({ stateFile });
    await first.admin('POST', 'shop/break', { reason: 'out of memory' });
    await first.close();
    const second = await site({ stateFile });
    assert.match(await second.get('/shop/health'), /^503 .*out of memory/s);
    const log = (await (await second.admin('GET', 'shop/log')).json()) as { lines: string[] };
    assert.match(log.lines[0] ?? '', /FATAL/);
    await second.close();
    await rm(folder, { recursive: true });
  });
});
