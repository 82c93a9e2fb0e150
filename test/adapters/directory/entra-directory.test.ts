import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { EntraDirectorySettings } from '../../../src/adapters/directory/entra-directory.ts';
import { entraToken } from '../../../src/adapters/directory/entra-token.ts';
import { world as graph, id, refused, token } from './world.ts';

const route = 'POST /v1.0/users/:id/checkMemberGroups';
const [ada, ben, web, ops, all] = [id(1), id(2), id(3), id(4), id(5)] as const;

const world = (changes: Partial<EntraDirectorySettings> = {}) =>
  graph(
    {
      people: [
        { id: ada, displayName: 'Ada', userPrincipalName: 'ada@contoso.example' },
        { id: ben, displayName: 'Ben', userPrincipalName: 'ben@contoso.example' },
      ],
      groups: [
        { id: web, displayName: 'web-approvers', members: [ada] },
        { id: ops, displayName: 'ops', members: [ben] },
        { id: all, displayName: 'all', members: [web, ops] },
      ],
    },
    changes,
  );

describe('The Entra directory', () => {
  it('names the groups a person is in, also through another group', async () => {
    const { directory, close } = await world();
    assert.deepEqual(await directory.memberOf(ada, [ops, web, all]), [web, all]);
    assert.deepEqual(await directory.memberOf(ben, [web]), []);
    await close();
  });

  it('asks for at most 20 groups at a time, and for each once', async () => {
    const { directory, faults, close } = await world();
    const many = [...Array.from({ length: 44 }, () => randomUUID()), web];
    assert.deepEqual(await directory.memberOf(ada, [...many, ...many.slice(0, 10)]), [web]);
    assert.equal((await faults.requests())[route], 3);
    await close();
  });

  it('asks nobody when there is nothing to ask', async () => {
    const { directory, faults, close } = await world();
    assert.deepEqual(await directory.memberOf(ada, []), []);
    assert.deepEqual(await faults.requests(), {});
    await close();
  });

  it('takes ids in any letter case and gives them back as they were asked', async () => {
    const { directory, close } = await world();
    assert.deepEqual(await directory.memberOf(ada.toUpperCase(), [web.toUpperCase()]), [web.toUpperCase()]);
    await close();
  });

  it('does not take a group for granted that was not asked for', async () => {
    const { directory, faults, close } = await world();
    await faults.arm({
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ value: [all, web] }),
    });
    assert.deepEqual(await directory.memberOf(ben, [web, ops]), [web]);
    await close();
  });

  it('remembers an answer for some seconds, per person and group, and not longer', async () => {
    let now = 0;
    const { directory, faults, close } = await world({
      cacheSeconds: 10,
      clock: { now: () => new Date(now) },
    });
    await directory.memberOf(ada, [web, ops]);
    now = 9_999;
    assert.deepEqual(await directory.memberOf(ada, [web, ops]), [web]);
    assert.equal((await faults.requests())[route], 1);
    await directory.memberOf(ben, [web]);
    await directory.memberOf(ada, [all]);
    assert.equal((await faults.requests())[route], 3);
    now = 10_000;
    await directory.memberOf(ada, [web]);
    assert.equal((await faults.requests())[route], 4);
    await close();
  });

  it('says when Graph was asked: an answer of several is as old as the oldest', async () => {
    const T0 = Date.parse('2026-11-22T09:00:00Z');
    let now = T0;
    const { directory, close } = await world({ clock: { now: () => new Date(now) } });
    const ageOf = (answer: unknown) => (now - (directory.readAt?.(answer)?.getTime() ?? Number.NaN)) / 1_000;
    const first = [
      await directory.memberOf(ada, [web]),
      await directory.members(web),
      await directory.person('ada@contoso.example'),
    ];
    assert.deepEqual(first.map(ageOf), [0, 0, 0]);
    now += 12_000;
    const later = [
      await directory.memberOf(ada, [ops]),
      await directory.memberOf(ada, [web, ops]),
      await directory.members(web),
      await directory.person('ada@contoso.example'),
    ];
    assert.deepEqual(later.map(ageOf), [0, 12, 12, 12]);
    for (const other of [[], undefined, 'text', await directory.person('nobody@contoso.example')])
      assert.equal(directory.readAt?.(other), undefined);
    now += 30_000;
    assert.equal(ageOf(await directory.members(web)), 0);
    await close();
  });

  it('does not remember a failure', async () => {
    const { directory, faults, close } = await world({ attempts: 1 });
    await faults.arm({ status: 503 });
    await refused(directory.memberOf(ada, [web]), 'directory-unreachable');
    assert.deepEqual(await directory.memberOf(ada, [web]), [web]);
    await close();
  });

  it('passes over short throttling and outages, as long as Graph asks it to wait', async () => {
    const waits: number[] = [];
    const { directory, faults, close } = await world({ sleep: async (ms) => waits.push(ms) });
    await faults.arm({ status: 429, headers: { 'retry-after': '2' } });
    await faults.arm({ dropAnswer: true });
    assert.deepEqual(await directory.memberOf(ada, [web]), [web]);
    assert.deepEqual(waits, [2_000, 400]);
    await close();
  });

  it('gives up when Graph asks for more patience than there is, and says for how much', async () => {
    const { directory, faults, close } = await world({ maxWaitMs: 3_000 });
    await faults.arm({ status: 429, headers: { 'retry-after': '2' }, times: 5 });
    const error = await refused(directory.memberOf(ada, [web]), 'directory-unreachable');
    assert.equal(error.retryAfterMs, 2_000);
    assert.equal((await faults.requests())[route], 2);
    await close();
  });

  it('gives up after its attempts', async () => {
    const { directory, faults, close } = await world();
    await faults.arm({ status: 500, times: 5 });
    const error = await refused(directory.memberOf(ada, [web]), 'directory-unreachable');
    assert.equal(error.retryable, true);
    assert.equal((await faults.requests())[route], 3);
    await close();
  });

  it('does not wait for an answer longer than its time', async () => {
    const { directory, faults, close } = await world({ timeoutMs: 60, attempts: 1 });
    await faults.arm({ latencyMs: 60_000 });
    const error = await refused(directory.memberOf(ada, [web]), 'directory-unreachable');
    assert.match(error.message, /no answer in time/);
    await close();
  });

  it('refuses an answer that is not one', async () => {
    for (const body of ['<html>sign in</html>', '{"value":"all"}', '{}', '']) {
      const { directory, faults, close } = await world({ attempts: 1 });
      await faults.arm({ status: 200, body });
      await refused(directory.memberOf(ada, [web]), 'directory-unreachable');
      await close();
    }
  });

  it('refuses a person the tenant does not have, and says so', async () => {
    const { directory, close } = await world();
    const error = await refused(directory.memberOf(randomUUID(), [web]), 'directory-refused');
    assert.match(error.fix, /not in the directory/);
    assert.equal(error.retryable, false);
    await close();
  });

  it('refuses ids that are no object ids, before it asks', async () => {
    const { directory, faults, close } = await world();
    for (const [person, group] of [
      ['me', web],
      [`${ada}/../${ben}`, web],
      ['', web],
      [ada, 'web-approvers'],
      [ada, ''],
    ] as const)
      await refused(directory.memberOf(person, [group]), 'directory-refused');
    assert.deepEqual(await faults.requests(), {});
    await close();
  });

  it('says which permission is missing', async () => {
    const { directory, faults, close } = await world();
    await faults.arm({ status: 403 });
    const error = await refused(directory.memberOf(ada, [web]), 'directory-refused');
    assert.match(error.fix, /GroupMember\.Read\.All/);
    await close();
  });

  it('refuses when Graph does not accept the token', async () => {
    const { directory, close } = await world({ getToken: () => Promise.resolve('another') });
    await refused(directory.memberOf(ada, [web]), 'directory-refused');
    await close();
  });

  it('is unreachable without a token, and does not repeat what the token source said', async () => {
    const { directory, close } = await world({
      attempts: 1,
      getToken: () => Promise.reject(new RangeError(`secret ${token} is wrong`)),
    });
    await refused(directory.memberOf(ada, [web]), 'directory-unreachable');
    await close();
  });

  it('does not follow a redirect', async () => {
    const { directory, faults, close } = await world();
    await faults.arm({ status: 307, headers: { location: 'http://127.0.0.1:1/' } });
    await refused(directory.memberOf(ada, [web]), 'directory-refused');
    await close();
  });
});

describe('A token for Microsoft Graph', () => {
  it('is asked for the Graph scope, every time', async () => {
    const scopes: (string | string[])[] = [];
    const getToken = entraToken({
      getToken: (scope) => {
        scopes.push(scope);
        return Promise.resolve({ token: `t${scopes.length}`, expiresOnTimestamp: 0 });
      },
    });
    assert.deepEqual([await getToken(), await getToken()], ['t1', 't2']);
    assert.deepEqual(scopes, Array(2).fill('https://graph.microsoft.com/.default'));
  });

  it('that is not issued is a refusal that says what to grant', async () => {
    const getToken = entraToken({ getToken: () => Promise.resolve(null) });
    const error = await refused(getToken(), 'directory-refused');
    assert.match(error.fix, /User\.Read\.All/);
  });

  it('is one for another API where that is named', async () => {
    const api = { name: 'Azure', scope: 'https://management.azure.com/.default', fix: 'Give it a role.' };
    const scopes: (string | string[])[] = [];
    const getToken = async (scope: string | string[]) => {
      scopes.push(scope);
      return null;
    };
    const error = await refused(entraToken({ getToken }, api)(), 'directory-refused');
    assert.deepEqual([error.message, error.fix], ['no token for Azure was issued', 'Give it a role.']);
    assert.deepEqual(scopes, [api.scope]);
  });
});
