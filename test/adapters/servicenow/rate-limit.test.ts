import assert from 'node:assert/strict';
import { client, closeScripted, fault, ids, reply, row, scripted } from './instance.ts';

const limit = fault('Rate limit exceeded', 'Rate limit of 100 requests per hour for Table API exceeded');

/** Answers 429 with these Retry-After, one after the other, and then the incident. */
const limited = (...waits: readonly string[]) => {
  const left = [...waits];
  return scripted((got, response) => {
    const wait = got.path.startsWith('/api/now/table/') ? left.shift() : undefined;
    if (wait !== undefined) return reply(response, 429, limit, { 'retry-after': wait });
    const list = got.path.endsWith('incident') || got.path.includes('attachment');
    return reply(response, 200, { result: list ? [] : row() }, { 'x-total-count': '0' });
  });
};

describe('A rate limit of ServiceNow', () => {
  let now = 0;
  const clock = { now: () => new Date(now) };
  beforeEach(() => {
    now = Date.parse('2026-11-22T09:00:00Z');
  });
  afterEach(closeScripted);
  const read = { sysId: ids.incident };

  it('is waited out when it is short', async () => {
    const { url, got } = await limited('0', '0');
    assert.equal((await client(url).incident(read))?.number, 'INC0010001');
    assert.equal(got.length, 3);
  });

  it('is told with the time it says, after which it may be tried again', async () => {
    const { url } = await limited('1800');
    await assert.rejects(client(url, {}, clock).incident(read), {
      code: 'itsm-unreachable',
      retryable: true,
      retryAfterMs: 1_800_000,
      fix: /limits the requests/,
    });
  });

  it('holds back whatever else would be asked of the same API, for a minute at most', async () => {
    const { url, got } = await limited('1800');
    const itsm = client(url, {}, clock);
    await assert.rejects(itsm.incident(read));
    await assert.rejects(itsm.ci(ids.ci), { retryable: true, retryAfterMs: 60_000, message: /not asked/ });
    assert.equal(got.length, 1, 'nothing was sent');
    now += 60_000;
    assert.equal((await itsm.incident(read))?.number, 'INC0010001');
  });

  it('on signing in holds back every API, whose requests all need it', async () => {
    const { url, got } = await scripted((_one, response) =>
      reply(response, 429, limit, { 'retry-after': '1800' }),
    );
    const auth = { kind: 'oauth', clientId: 'c', clientSecret: 's'.repeat(12) } as const;
    const itsm = client(url, { auth }, clock);
    await assert.rejects(itsm.incident(read), { retryable: true, message: /^log-in/ });
    const file = { ...read, name: 'a', type: 'text/plain', bytes: Buffer.from('a') };
    await assert.rejects(itsm.attach(file), { retryable: true, message: /not asked/ });
    assert.deepEqual(
      got.map(({ path }) => path),
      ['/oauth_token.do'],
    );
  });

  it('of one API does not hold back another', async () => {
    const { url, got } = await limited('1800');
    const itsm = client(url, {}, clock);
    await assert.rejects(itsm.incident(read));
    const file = { ...read, name: 'a', type: 'text/plain', bytes: Buffer.from('a') };
    await assert.rejects(itsm.attach(file), { code: 'itsm-refused' });
    assert.ok(got.some(({ path }) => path.startsWith('/api/now/attachment')));
  });

  it('is not waited for beyond the budget of the call', async () => {
    const { url, got } = await limited('1', '1', '1');
    const retry = { pauseMs: 1, longestPauseMs: 5_000, budgetMs: 900 };
    await assert.rejects(client(url, { retry }).incident(read), { retryAfterMs: 1_000 });
    assert.equal(got.length, 1);
  });
});
