import assert from 'node:assert/strict';
import { azureAutomationTarget } from '../../../src/adapters/automation/azure-automation.ts';
import type { Script } from '../../../src/sandbox/azure-automation/runbooks.ts';
import { ended, launchOf, refused } from '../../contract/target.ts';
import { type AzureWorld, account, azureWorld, hello, quick, token } from './azure-automation-world.ts';
import { freePort } from './ops-api-world.ts';

const name = 'Restart-Pool';
const secret = 'S3CR3T-VALUE';
let world: AzureWorld;
const run = async (script: Script, options: Parameters<typeof azureWorld>[2] = {}) => {
  const settings = { knownSecrets: ['PIN'], resolveSecret: () => Promise.resolve(secret) };
  world = await azureWorld([{ name, script }], settings, options);
  const { externalId } = await world.target.launch(launchOf(name));
  return externalId;
};
const pathOf = (job: string) => `${account}/jobs/${job}`;

describe('The log of a job on Azure Automation', () => {
  afterEach(() => world.close());
  const logOf = async (script: Script, options: Parameters<typeof azureWorld>[2] = {}) => {
    const job = await run(script, options);
    await ended(world.target, job);
    return { job, ...(await world.target.log(job)) };
  };

  it('has the output, then warnings and errors, with secrets and colours taken out', async () => {
    const { text, truncated } = await logOf(async (_parameters, { output, warning, error }) => {
      output(`\u001b[32mpin ${secret}\u001b[0m`);
      warning(`low on ${secret}`);
      output('done');
      error('no W3SVC');
    });
    assert.equal(truncated, false);
    assert.match(
      text,
      /^pin \*\*\*\ndone\n===== warnings and errors\n\S+ Warning: low on \*\*\*\n\S+ Error: no W3SVC\n$/,
    );
  });

  it('has the records of all pages', async () => {
    const { text, truncated } = await logOf(
      async (_parameters, { warning }) => {
        for (let n = 0; n < 25; n += 1) warning(`warning ${n}`);
      },
      { pageSize: 10 },
    );
    assert.equal(truncated, false);
    assert.deepEqual(
      [...text.matchAll(/warning (\d+)$/gm)].map((match) => Number(match[1])),
      Array.from({ length: 25 }, (_, n) => n),
    );
  });

  it('says that records are missing when there are too many pages', async () => {
    const { text, truncated } = await logOf(
      async (_parameters, { warning }) => {
        for (let n = 0; n < 25; n += 1) warning(`warning ${n}`);
      },
      { pageSize: 1 },
    );
    assert.equal(truncated, true);
    assert.match(text, /warning 19/);
  });

  it('of much output has its beginning and its end', async () => {
    const { text, truncated } = await logOf(async (_parameters, { output }) => {
      output('first line');
      for (let n = 0; n < 20_000; n += 1)
        output(`line ${n} ${'x'.repeat(600)} ${n % 1_000 === 0 ? secret : ''}`);
      output('last line');
    });
    assert.equal(truncated, true);
    assert.match(text, /^first line\nline 0 /);
    assert.match(text, /\n\[\.\.\. the middle is left out \.\.\.\]\nline \d+ /);
    assert.match(text, /\nlast line\n$/);
    assert.ok(text.length > 900_000 && text.length < 1_010_000, String(text.length));
    assert.ok(!text.includes(secret));
  });

  it('of 70 MB is not read to its end', async () => {
    const job = await run(async (_parameters, { output }) => {
      for (let n = 0; n < 70; n += 1) output(`line ${n} ${'x'.repeat(1_000_000)}`);
    });
    const target = azureAutomationTarget(quick(world.url, { timeoutMs: 30_000 }));
    await ended(target, job);
    const { text, truncated } = await target.log(job);
    assert.equal(truncated, true);
    assert.match(text, /^line 0 x/);
    assert.match(text, /reading stopped after 6\d{7} bytes/);
    assert.ok(text.length < 1_100_000, String(text.length));
  });

  it('is read again after a 502, and is not a page that something else shows in its place', async () => {
    const job = await run(hello);
    await ended(world.target, job);
    await world.faults.arm({ path: `${pathOf(job)}/output`, status: 502 });
    assert.match((await world.target.log(job)).text, /hello from the job/);
    const headers = { 'content-type': 'text/html' };
    const page = { path: `${pathOf(job)}/output`, status: 200, body: '<h1>Sign in</h1>', headers };
    await world.faults.arm({ ...page, times: 3 });
    const error = await refused(world.target.log(job), 'target-refused');
    assert.match(error.message, /text\/html/);
  });

  it('is refused with its reason when Azure has no such job', async () => {
    await run(hello);
    const error = await refused(world.target.log(crypto.randomUUID()), 'target-refused');
    assert.match(error.message, /404.*NotFound/);
  });
});

describe('The health of an Automation account', () => {
  const isDown = async (why: RegExp, settings = {}) => {
    const told = await azureAutomationTarget(quick(world.url, settings)).health?.();
    assert.ok(told?.ok === false && why.test(told.why), JSON.stringify(told));
  };

  it('is good when it is there, in order, and takes our token', async () => {
    world = await azureWorld([]);
    assert.deepEqual(await world.target.health?.(), { ok: true });
    await world.close();
  });

  it('is bad when suspended, missing, or not reached, and when our token is refused', async () => {
    world = await azureWorld([], {}, { state: 'Suspended' });
    await isDown(/is Suspended/);
    await isDown(/no Automation account .*ResourceGroupNotFound/, {
      account: account.replace('rg-ops_', 'rg-x_'),
    });
    await isDown(/no Automation account .*ResourceNotFound/, {
      account: account.replace('aa-ops', 'aa-other'),
    });
    await isDown(/does not accept our token/, { getToken: () => Promise.resolve('old') });
    await isDown(/no token for Azure/, { getToken: () => Promise.reject(new Error(token)) });
    await isDown(/did not answer/, { baseUrl: `http://127.0.0.1:${await freePort()}` });
    await world.faults.arm({ path: '/', status: 200, body: '<h1>Sign in</h1>' });
    await isDown(/answered 200 when asked/);
    await world.close();
  });
});
