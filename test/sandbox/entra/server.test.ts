import assert from 'node:assert/strict';
import { startEntra } from '../../../src/sandbox/entra/server.ts';
import type { Running } from '../../../src/sandbox/ops-api/loopback.ts';

const id = (n: number) => `0000000${n}-bbbb-4bbb-8bbb-bbbbbbbbbbbb`;
const headers = { authorization: 'Bearer sandbox', 'content-type': 'application/json' };

describe('The simulated Microsoft Graph', () => {
  let graph: Running;
  before(async () => {
    graph = await startEntra({
      token: 'sandbox',
      people: [{ id: id(1), displayName: 'Ada', userPrincipalName: 'ada@contoso.example' }],
      groups: [
        { id: id(2), displayName: 'inner', members: [id(1), id(3)] },
        { id: id(3), displayName: 'outer', members: [id(2)] },
        { id: id(4), displayName: 'other', members: [] },
      ],
    });
  });
  after(() => graph.close());

  const check = (groupIds: string[], user = id(1)) =>
    fetch(`${graph.url}/v1.0/users/${user}/checkMemberGroups`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ groupIds }),
    });

  it('answers membership through groups that contain each other', async () => {
    const response = await check([id(2), id(3), id(4)]);
    assert.deepEqual(await response.json(), { value: [id(2), id(3)] });
  });

  it('refuses more than 20 groups at once', async () => {
    const response = await check(Array(21).fill(id(2)));
    assert.equal(response.status, 400);
  });

  it('shows a person by id and by principal name', async () => {
    for (const name of [id(1), 'ada@contoso.example']) {
      const response = await fetch(`${graph.url}/v1.0/users/${name}`, { headers });
      assert.equal(((await response.json()) as { displayName: string }).displayName, 'Ada');
    }
  });

  it('finds people by mail, which is the principal name unless it says otherwise', async () => {
    const find = async (filter: string) => {
      const query = new URLSearchParams({ $filter: filter, $select: 'id' });
      return fetch(`${graph.url}/v1.0/users?${query}`, { headers });
    };
    assert.deepEqual(await (await find("mail eq 'ada@contoso.example'")).json(), { value: [{ id: id(1) }] });
    assert.deepEqual(await (await find("mail eq 'o''hara@contoso.example'")).json(), { value: [] });
    assert.equal((await find("mail eq 'x' or mail ne 'y'")).status, 400);
  });

  it('lists the people of a group through other groups, in pages', async () => {
    const list = (query: string, level = 'eventual') =>
      fetch(`${graph.url}/v1.0/groups/${id(3)}/transitiveMembers/microsoft.graph.user?${query}`, {
        headers: { ...headers, ConsistencyLevel: level },
      });
    const whole = await list('$count=true&$select=id&$top=999');
    assert.deepEqual(await whole.json(), { '@odata.count': 1, value: [{ id: id(1) }] });
    assert.equal((await list('$count=true', '')).status, 400);
    assert.equal((await list('$count=true&$top=1000')).status, 400);
  });

  it('answers with the error body of Graph', async () => {
    const unknown = await check([id(2)], id(9));
    assert.equal(unknown.status, 404);
    assert.equal(
      ((await unknown.json()) as { error: { code: string } }).error.code,
      'Request_ResourceNotFound',
    );
    const stranger = await fetch(`${graph.url}/v1.0/users/${id(1)}`, {
      headers: { authorization: 'Bearer x' },
    });
    assert.equal(stranger.status, 401);
  });
});
