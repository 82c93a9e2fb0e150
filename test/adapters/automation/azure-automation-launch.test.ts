import assert from 'node:assert/strict';
import { azureAutomationTarget } from '../../../src/adapters/automation/azure-automation.ts';
import type { Scalar } from '../../../src/domain/runbook.ts';
import type { AzureRunbook, Parameter } from '../../../src/sandbox/azure-automation/runbooks.ts';
import { ended, launchOf, refused } from '../../contract/target.ts';
import { type AzureWorld, account, azureWorld, quick, untilStopped } from './azure-automation-world.ts';

const secret = 'pa55 "word"';
const resolveSecret = (name: string) => Promise.resolve(name === 'DB_PASSWORD' ? secret : undefined);
const name = 'Restart-Pool';
const put = `PUT ${account}/jobs/:job`;

let world: AzureWorld;
/** Parameters as the runbook got them, of each start. */
let seen: Readonly<Record<string, unknown>>[] = [];
const start = async (changes: Partial<AzureRunbook> = {}, settings = {}) => {
  seen = [];
  const runbook: AzureRunbook = {
    name,
    script: async (parameters) => void seen.push(parameters),
    ...changes,
  };
  world = await azureWorld([runbook], { resolveSecret, ...settings });
};
const takes = (parameters: Readonly<Record<string, Parameter>>) => start({ parameters });

/** Does the preflight say no, with this reason; and does a launch say the same and send nothing? */
async function refusedBoth(parameters: Record<string, Scalar>, why: RegExp, which = name) {
  const launch = launchOf(which, parameters);
  const before = await world.target.preflight?.(launch);
  assert.equal(before?.ok, false, 'the preflight says no');
  assert.match(before.reason, why);
  assert.ok(before.fix.length > 20);
  const error = await refused(world.target.launch(launch), 'target-refused');
  assert.equal(error.maybeApplied, false);
  assert.match(error.message, why);
  assert.equal((await world.faults.requests())[put], undefined, 'nothing was sent');
}

async function taken(parameters: Record<string, Scalar>) {
  const launch = launchOf(name, parameters);
  assert.deepEqual(await world.target.preflight?.(launch), { ok: true });
  const { externalId } = await world.target.launch(launch);
  assert.equal((await ended(world.target, externalId)).state, 'succeeded');
  assert.equal(externalId, launch.executionId);
}

describe('A launch on Azure Automation', () => {
  afterEach(() => world.close());

  const types: [type: string, bad: Scalar | undefined, good: Scalar, arrives: unknown][] = [
    ['System.String', undefined, '0815', '0815'],
    ['System.String', undefined, 'true', 'true'],
    ['System.String', undefined, '{"a":1}', '{"a":1}'],
    ['System.String', undefined, 'say "hi" \\ 👍', 'say "hi" \\ 👍'],
    ['System.Int32', '1.5', '007', 7],
    ['System.Int64', 'seven', 7, 7],
    ['System.Double', 'x', '1.5', 1.5],
    ['System.Boolean', 'yes', 'True', true],
    ['System.Management.Automation.SwitchParameter', 1, false, false],
    ['System.DateTime', 'tomorrow', '2026-11-22T17:00:00Z', '2026-11-22T17:00:00Z'],
    ['System.String[]', 'a,b', '["a","b"]', ['a', 'b']],
    ['System.Array', '{}', '[1]', [1]],
    ['System.Collections.Hashtable', '[1]', '{"a":1}', { a: 1 }],
    ['System.Object', undefined, 'a', 'a'],
    ['System.Object', undefined, 5, 5],
  ];
  for (const [type, bad, good, arrives] of types)
    it(`gives ${JSON.stringify(good)} to a ${type} as it is${bad === undefined ? '' : `, and not ${JSON.stringify(bad)}`}`, async () => {
      await takes({ Value: { type } });
      if (bad !== undefined) await refusedBoth({ Value: bad }, /the parameter Value has to be/);
      await taken({ Value: good });
      assert.deepEqual(seen, [{ Value: arrives }]);
    });

  it('would lose the zeros of 0815 without the quotation marks', async () => {
    await takes({ Value: {} });
    const job = '00000000-0000-0000-0000-00000000000a';
    await world.call('PUT', `/jobs/${job}`, {
      properties: { runbook: { name }, parameters: { Value: '0815' } },
    });
    await ended(world.target, job);
    assert.deepEqual(seen, [{ Value: 815 }]);
  });

  it('is refused for a parameter that the runbook does not have', async () => {
    await takes({ Pool: {} });
    await refusedBoth({ Pool: 'shop', Host: 'web01' }, /no parameter Host/);
  });

  it('is refused without a parameter that is mandatory and has no default', async () => {
    await takes({
      Pool: { isMandatory: true },
      Mode: { isMandatory: true, defaultValue: '"soft"' },
      Else: {},
    });
    await refusedBoth({ Mode: 'hard' }, /^(?!.*(Mode|Else)).*requires the parameter Pool/);
    await taken({ Pool: 'shop' });
  });

  it('does not tell upper from lower case, and sends the name as the runbook writes it', async () => {
    await takes({ PoolName: { isMandatory: true } });
    await taken({ poolname: 'shop' });
    assert.deepEqual(seen, [{ PoolName: 'shop' }]);
    const twice = { poolname: 'shop', POOLNAME: 'mail' };
    const error = await refused(world.target.launch(launchOf(name, twice)), 'target-refused');
    assert.match(error.message, /PoolName is given twice/);
  });

  it('is refused for a Python runbook with parameters, and takes one without', async () => {
    await start({ type: 'Python3' });
    await refusedBoth({ pool: 'shop' }, /no parameter pool/);
    await taken({});
  });

  it('is refused for a runbook that was never published, and takes one that is being edited', async () => {
    await start({ state: 'New' });
    await refusedBoth({}, /no published version/);
    await world.close();
    await start({ state: 'Edit' });
    await taken({});
  });

  it('is refused when Azure would show a secret', async () => {
    await takes({ Password: {} });
    await refusedBoth({ Password: 'secret:DB_PASSWORD' }, /show the secret Password/);
  });

  it('says on which workers the job runs', async () => {
    await start({}, { runOn: 'on-premises' });
    const { externalId } = await world.target.launch(launchOf(name));
    const { json } = await world.call('GET', `/jobs/${externalId}`);
    assert.equal((json['properties'] as Record<string, unknown>)['runOn'], 'on-premises');
  });

  for (const [job, why] of [
    ['No-Such', /404 for runbook No-Such.*NotFound/],
    ['', /names no runbook/],
    ['../runbooks', /names no runbook/],
    ['a/b', /names no runbook/],
    ['a?b', /names no runbook/],
  ] as const)
    it(`is refused for the runbook "${job}"`, async () => {
      await start();
      await refusedBoth({}, why, job);
    });

  it('is refused when another runbook is shown', async () => {
    await start();
    const body = JSON.stringify({ name: 'Delete-Everything', properties: { state: 'Published' } });
    await world.faults.arm({ path: `${account}/runbooks/${name}`, status: 200, body, times: 2 });
    await refusedBoth({}, /another runbook/);
  });

  it('is refused when the identity may not start jobs', async () => {
    await start({ mayNotStart: true });
    const error = await refused(world.target.launch(launchOf(name)), 'target-refused');
    assert.equal(error.maybeApplied, false);
    assert.match(error.message, /AuthorizationFailed/);
    assert.match(error.fix, /Automation Operator/);
  });

  it('says that the account is wrong, not the runbook', async () => {
    await start({}, { account: account.replace('rg-ops_(prod)', 'rg-other') });
    const error = await refused(world.target.launch(launchOf(name)), 'target-refused');
    assert.match(error.message, /ResourceGroupNotFound/);
    assert.match(error.fix, /resource id of the Automation account/);
  });

  for (const [status, code, maybeApplied] of [
    [302, 'target-refused', true],
    [400, 'target-refused', false],
    [403, 'target-refused', false],
    [404, 'target-refused', false],
  ] as const)
    it(`that is answered ${status} ${maybeApplied ? 'may have been applied' : 'was certainly not applied'}, and is sent once`, async () => {
      await start();
      await world.faults.arm({ method: 'PUT', status, times: 3 });
      const error = await refused(world.target.launch(launchOf(name)), code);
      assert.equal(error.maybeApplied, maybeApplied);
      assert.equal((await world.faults.requests())[put], 1);
    });

  for (const status of [500, 502, 504])
    it(`that is answered ${status} every time may have been applied`, async () => {
      await start();
      await world.faults.arm({ method: 'PUT', status, times: 3 });
      const error = await refused(world.target.launch(launchOf(name)), 'target-unreachable');
      assert.equal(error.maybeApplied, true);
      assert.equal((await world.faults.requests())[put], 3);
    });

  for (const [what, fault] of [
    ['502', { status: 502 }],
    ['429 with Retry-After', { status: 429, headers: { 'retry-after': '1' } }],
  ] as const)
    it(`that is answered ${what} once is sent again, and starts one job`, async () => {
      await start();
      await world.faults.arm({ method: 'PUT', ...fault });
      await taken({});
      assert.equal(seen.length, 1);
    });

  it('whose answer is lost is not sent again when the job is there', async () => {
    await start();
    await world.faults.arm({ method: 'PUT', dropAnswer: true });
    await taken({});
    assert.deepEqual([(await world.faults.requests())[put], seen.length], [1, 1]);
  });

  it('that Azure throttles for long comes back with the time to wait, and was certainly not applied', async () => {
    await start();
    await world.faults.arm({ method: 'PUT', status: 429, headers: { 'retry-after': '30' }, times: 3 });
    const error = await refused(world.target.launch(launchOf(name)), 'target-refused');
    assert.deepEqual([error.maybeApplied, error.retryable, error.retryAfterMs], [false, true, 30_000]);
    assert.equal((await world.faults.requests())[put], 1);
  });

  it('that finds a job of its name with another runbook or other parameters says so', async () => {
    await takes({ Pool: {} });
    const launch = launchOf(name, { Pool: 'shop' });
    await world.target.launch(launch);
    const other = { ...launch, parameters: { Pool: 'mail' } };
    const error = await refused(world.target.launch(other), 'target-refused');
    assert.equal(error.maybeApplied, true);
    assert.match(error.message, /with another parameters|other parameters/);
    await ended(world.target, launch.executionId);
    assert.equal(seen.length, 1);
  });

  it('that finds a job of its name with another runbook or on other workers says so', async () => {
    world = await azureWorld([
      { name, script: untilStopped },
      { name: 'Delete-Everything', script: untilStopped },
    ]);
    const launch = launchOf(name);
    await world.target.launch({ ...launch, job: 'Delete-Everything' });
    const error = await refused(world.target.launch(launch), 'target-refused');
    assert.match(error.message, /with another runbook/);
    const elsewhere = launchOf(name);
    await world.target.launch(elsewhere);
    const target = azureAutomationTarget(quick(world.url, { runOn: 'on-premises' }));
    assert.match((await refused(target.launch(elsewhere), 'target-refused')).message, /another worker group/);
  });

  it('that is told of a job which is not shown may have been applied', async () => {
    await start();
    const body = JSON.stringify({ code: 'Conflict', message: 'Job with specified id already exists.' });
    await world.faults.arm({ method: 'PUT', status: 409, body, times: 3 });
    const error = await refused(world.target.launch(launchOf(name)), 'target-refused');
    assert.deepEqual([error.maybeApplied, error.retryable], [true, true]);
    assert.match(error.message, /exists, and does not show it/);
  });

  for (const [what, body, code] of [
    ['a login page', '<html>Please sign in</html>', 'target-unreachable'],
    ['a job of another name', '{"name":"other","properties":{"status":"New"}}', 'target-refused'],
  ] as const)
    it(`that is answered with ${what} may have been applied`, async () => {
      await start();
      await world.faults.arm({ method: 'PUT', status: 201, body, times: 3 });
      await world.faults.arm({ method: 'GET', path: `${account}/jobs`, status: 502, times: 9 });
      const error = await refused(world.target.launch(launchOf(name)), code);
      assert.equal(error.maybeApplied, true);
      assert.doesNotMatch(error.message, /sign in/, 'the page is not quoted');
    });

  it('asks one thing more than a bare client', async () => {
    await start({ script: untilStopped });
    await world.target.launch(launchOf(name));
    assert.deepEqual(await world.faults.requests(), { [`GET ${account}/runbooks/:name`]: 1, [put]: 1 });
  });

  it('that was preflighted asks no more than that, and once', async () => {
    let at = 0;
    await start({ script: untilStopped }, { now: () => at });
    const launch = launchOf(name);
    assert.deepEqual(await world.target.preflight?.(launch), { ok: true });
    await world.target.launch(launch);
    assert.deepEqual(await world.faults.requests(), { [`GET ${account}/runbooks/:name`]: 1, [put]: 1 });
    await world.target.preflight?.(launch);
    at += 60_000;
    await world.target.launch({ ...launchOf(name), runId: launch.runId });
    assert.equal((await world.faults.requests())[`GET ${account}/runbooks/:name`], 3, 'not after a minute');
  });
});
