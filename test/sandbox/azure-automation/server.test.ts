import assert from 'node:assert/strict';
import {
  type AzureWorld,
  account,
  azureWorld,
  hello,
  token,
} from '../../adapters/automation/azure-automation-world.ts';
import { ended } from '../../contract/target.ts';

describe('The simulated Automation account', () => {
  let world: AzureWorld;
  afterEach(() => world.close());
  const job = '5b8a3960-e8ab-45f6-bec6-567df8467d1a';
  const body = { properties: { runbook: { name: 'say-hello' } } };
  const get = (path: string, headers: Record<string, string>) => fetch(`${world.url}${path}`, { headers });

  it('has one job of a name, whatever its case, and says so to the second who asks', async () => {
    world = await azureWorld([{ name: 'Say-Hello', script: hello }]);
    const first = await world.call('PUT', `/jobs/${job}`, body);
    assert.equal(first.status, 201);
    assert.equal((first.json['properties'] as { runbook: object }).runbook instanceof Object, true);
    const second = await world.call('PUT', `/jobs/${job.toUpperCase()}`, body);
    assert.equal(second.status, 409);
    assert.match(String(second.json['message']), /already exists/);
    await ended(world.target, job);
  });

  it('refuses what is missing or wrong in the words of Resource Manager', async () => {
    world = await azureWorld([]);
    const bearer = { authorization: `Bearer ${token}` };
    const version = '?api-version=2023-11-01';
    for (const [path, headers, status, code] of [
      [`${account}${version}`, {}, 401, 'AuthenticationFailed'],
      [`${account}${version}`, { authorization: 'Bearer old' }, 401, 'ExpiredAuthenticationToken'],
      [account, bearer, 400, 'MissingApiVersionParameter'],
      [`${account}?api-version=1999-01-01`, bearer, 400, 'InvalidResourceType'],
      [`/subscriptions/other/x${version}`, bearer, 404, 'SubscriptionNotFound'],
    ] as const) {
      const answer = await get(path, headers);
      assert.equal(answer.status, status);
      assert.equal(((await answer.json()) as { error: { code: string } }).error.code, code);
    }
    assert.equal((await world.call('PUT', `/jobs/${job}`, body)).status, 404, 'no such runbook');
    assert.equal((await world.call('PUT', `/jobs/${job}`, {})).status, 400);
  });

  it('names a server of Azure in the link to the next page', async () => {
    world = await azureWorld(
      [{ name: 'Say-Hello', script: async (_parameters, { warning }) => ['a', 'b'].forEach(warning) }],
      {},
      { pageSize: 1 },
    );
    await world.call('PUT', `/jobs/${job}`, body);
    await ended(world.target, job);
    const { json } = await world.call('GET', `/jobs/${job}/streams`);
    assert.match(String(json['nextLink']), /^https:\/\/management\.azure\.com:443\/subscriptions\//);
  });
});
