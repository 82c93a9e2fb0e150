import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type EntraDirectorySettings,
  entraDirectory,
} from '../../../src/adapters/directory/entra-directory.ts';
import { world as graph, id, refused, token } from './world.ts';

const [small, outer, inner] = [id(9_001), id(9_002), id(9_003)] as const;
const route = 'GET /v1.0/groups/:id/transitiveMembers/microsoft.graph.user';
const person = (n: number) => ({
  id: id(n),
  displayName: `Person ${n}`,
  userPrincipalName: `p${n}@contoso.example`,
});
const crowd = (count: number) => Array.from({ length: count }, (_, n) => person(n + 1));

const world = (count: number, changes: Partial<EntraDirectorySettings> = {}) => {
  const people = crowd(count);
  return graph(
    {
      people,
      groups: [
        { id: small, displayName: 'small', members: people.slice(0, 2).map((one) => one.id) },
        { id: outer, displayName: 'outer', members: [inner, small] },
        { id: inner, displayName: 'inner', members: [outer, ...people.map((one) => one.id)] },
      ],
    },
    changes,
  );
};

describe('The members of a group in Entra', () => {
  it('are its people, also through other groups, each once', async () => {
    const { directory, close } = await world(3);
    assert.deepEqual(await directory.members(small), [id(1), id(2)]);
    assert.deepEqual(await directory.members(outer.toUpperCase()), [id(1), id(2), id(3)]);
    await close();
  });

  it('are read page by page, up to 2,000', async () => {
    const { directory, faults, close } = await world(2_000);
    assert.equal((await directory.members(outer)).length, 2_000);
    assert.equal((await faults.requests())[route], 3);
    await close();
  });

  it('cannot be counted when there are more than 2,000', async () => {
    const { directory, close } = await world(2_001);
    const error = await refused(directory.members(outer), 'directory-refused');
    assert.match(error.fix, /smaller group/);
    await close();
  });

  it('are remembered for some seconds and not longer, a failure never', async () => {
    let now = 0;
    const { directory, faults, close } = await world(2, {
      cacheSeconds: 10,
      attempts: 1,
      clock: { now: () => new Date(now) },
    });
    await faults.arm({ status: 503 });
    await refused(directory.members(small), 'directory-unreachable');
    await directory.members(small);
    now = 9_999;
    await directory.members(small);
    assert.equal((await faults.requests())[route], 2);
    now = 10_000;
    await directory.members(small);
    assert.equal((await faults.requests())[route], 3);
    await close();
  });

  it('are unknown, not none, for a group that is not there', async () => {
    const { directory, faults, close } = await world(2);
    const error = await refused(directory.members(id(77)), 'directory-refused');
    assert.match(error.fix, /no group .*policy/);
    await refused(directory.members('web-approvers'), 'directory-refused');
    await refused(directory.members(`${small}/../../users`), 'directory-refused');
    assert.equal((await faults.requests())[route], 1);
    await close();
  });

  it('are asked for again after an outage, and not after a refusal', async () => {
    const { directory, faults, close } = await world(2);
    await faults.arm({ status: 429, headers: { 'retry-after': '1' } });
    assert.equal((await directory.members(small)).length, 2);
    await faults.arm({ status: 403 });
    const error = await refused(directory.members(inner), 'directory-refused');
    assert.match(error.fix, /GroupMember\.Read\.All/);
    assert.equal((await faults.requests())[route], 3);
    await close();
  });
});

describe('The members of a group, from a Graph that misbehaves', () => {
  let server: Server;
  let asked: IncomingMessage[] = [];
  let answer: (n: number, base: string) => unknown = () => ({ value: [] });
  let base = '';
  before(async () => {
    server = createServer((request, response) => {
      asked.push(request);
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer(asked.length, base)));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => new Promise((resolve) => server.close(resolve)));
  beforeEach(() => {
    asked = [];
  });

  const members = () =>
    entraDirectory({
      baseUrl: base,
      getToken: () => Promise.resolve(token),
      timeoutMs: 2_000,
      attempts: 1,
    }).members(small);
  const path = `/v1.0/groups/${small}/transitiveMembers/microsoft.graph.user`;

  it('are asked for as Graph wants it, past an empty page', async () => {
    answer = (n, url) =>
      n === 1 ? { value: [], '@odata.nextLink': `${url}${path}?$skiptoken=2` } : { value: [{ id: id(1) }] };
    assert.deepEqual(await members(), [id(1)]);
    assert.deepEqual(
      asked.map(({ url }) => url),
      [`${path}?$select=id&$count=true&$top=999`, `${path}?$skiptoken=2`],
    );
    assert.deepEqual(
      asked.map(({ headers }) => [headers['consistencylevel'], headers.authorization]),
      Array(2).fill(['eventual', `Bearer ${token}`]),
    );
  });

  for (const [what, link] of [
    ['another host', () => `http://127.0.0.2:9${path}`],
    ['another protocol', (url: string) => `${url.replace('http', 'https')}${path}`],
    ['another group', (url: string) => `${url}${path.replace(small, inner)}`],
    ['a name before the host', (url: string) => `${url.replace('//', '//x@')}${path}`],
    ['nothing that is an address', () => 'next'],
  ] as const)
    it(`are unknown when the next page is at ${what}`, async () => {
      answer = (_n, url) => ({ value: [{ id: id(1) }], '@odata.nextLink': link(url) });
      await refused(members(), 'directory-refused');
      assert.equal(asked.length, 1);
    });

  it('are not paged for ever', async () => {
    answer = (n, url) => ({ value: [], '@odata.nextLink': `${url}${path}?$skiptoken=${n}` });
    await refused(members(), 'directory-refused');
    assert.equal(asked.length, 20);
  });

  for (const body of [{ value: [{ id: 'somebody' }] }, { value: [{}] }, {}, [], 'all'])
    it(`are unknown when Graph answers ${JSON.stringify(body)}`, async () => {
      answer = () => body;
      await refused(members(), 'directory-unreachable');
    });
});
