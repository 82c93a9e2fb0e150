import assert from 'node:assert/strict';
import { azureAutomationTarget } from '../../../src/adapters/automation/azure-automation.ts';
import { AppError } from '../../../src/domain/errors.ts';
import { ended, launchOf, refused } from '../../contract/target.ts';
import { type AzureWorld, account, azureWorld, hello, quick, token } from './azure-automation-world.ts';

const name = 'Restart-Pool';
let world: AzureWorld;

describe('The token for Azure', () => {
  afterEach(() => world.close());

  it('that has just expired is replaced by a new one, once', async () => {
    let asked = 0;
    world = await azureWorld([{ name, script: hello }], {
      getToken: async () => {
        asked += 1;
        return asked === 1 ? 'old' : token;
      },
    });
    const { externalId } = await world.target.launch(launchOf(name));
    assert.equal((await ended(world.target, externalId)).state, 'succeeded');
  });

  it('that stays refused is named, and nothing was applied', async () => {
    world = await azureWorld([{ name, script: hello }], { getToken: () => Promise.resolve('old') });
    const error = await refused(world.target.launch(launchOf(name)), 'target-refused');
    assert.match(error.message, /401 .*ExpiredAuthenticationToken/);
    assert.match(error.fix, /does not take its token/);
    assert.equal(error.maybeApplied, false);
    assert.deepEqual(await world.faults.requests(), { [`GET ${account}/runbooks/:name`]: 1 });
  });

  it('that expires between the checks and the launch is replaced, and one job starts', async () => {
    let current = token;
    const server = await azureWorld([{ name, script: hello }], {}, { token: () => current });
    world = server;
    let asked = 0;
    const target = azureAutomationTarget(
      quick(server.url, {
        getToken: async () => {
          asked += 1;
          // the one for the PUT is refused
          current = asked === 2 ? 'newer' : current;
          return asked <= 2 ? token : current;
        },
      }),
    );
    const { externalId } = await target.launch(launchOf(name));
    assert.equal((await ended(target, externalId)).state, 'succeeded');
  });

  for (const [what, getToken] of [
    ['fails', () => Promise.reject(new Error(`could not sign in with ${token}`))],
    ['is empty', () => Promise.resolve('')],
    ['does not come', () => new Promise<string>(() => undefined)],
  ] as const)
    it(`that ${what} is an error of its own, without what the library says`, async () => {
      world = await azureWorld([{ name, script: hello }], { getToken, timeoutMs: 50 });
      const error = await refused(world.target.launch(launchOf(name)), 'target-unreachable');
      assert.deepEqual([error.maybeApplied, error.retryable], [false, true]);
      assert.ok(!error.message.includes(token));
      assert.match(error.fix, /identity/);
      assert.deepEqual(await world.faults.requests(), {});
    });

  it('passes on an error that names its own remedy', async () => {
    const own = new AppError({
      code: 'config-invalid',
      message: 'no identity',
      fix: 'Set the client id, please.',
    });
    world = await azureWorld([{ name, script: hello }], { getToken: () => Promise.reject(own) });
    await refused(world.target.launch(launchOf(name)), 'config-invalid');
  });

  it('is never shown, whatever goes wrong', async () => {
    world = await azureWorld([{ name, script: hello }]);
    const body = JSON.stringify({ error: { code: 'Odd', message: `got Authorization: Bearer ${token}` } });
    for (const status of [400, 401, 403, 500]) {
      await world.faults.arm({ method: 'PUT', status, body, times: 3 });
      const error = await world.target.launch(launchOf(name)).catch((thrown: unknown) => thrown);
      assert.ok(error instanceof Error);
      assert.ok(!`${error.message}${error.stack}${JSON.stringify(error)}`.includes(token));
      await world.faults.clear();
    }
  });

  it('is not sent to an account that is no resource id, nor over plain HTTP', async () => {
    world = await azureWorld([]);
    for (const bad of ['aa-ops', `${account}/jobs`, account.replace('/subscriptions', ''), `${account}?x=1`])
      assert.throws(() => azureAutomationTarget(quick(world.url, { account: bad })), {
        code: 'config-invalid',
      });
    assert.throws(() => azureAutomationTarget(quick('http://management.azure.com')), {
      code: 'config-invalid',
    });
  });
});
