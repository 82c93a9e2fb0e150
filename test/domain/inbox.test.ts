import assert from 'node:assert/strict';
import { InboxEntry, parseThinEvent } from '../../src/domain/inbox.ts';

const sysId = 'a'.repeat(32);
const suggestion = { runbook: 'recycle', confidence: 0.5, reason: 'r', quotes: [], model: 'm' };
const parse = (more: object) =>
  parseThinEvent(JSON.stringify({ sys_id: sysId, sys_mod_count: '3', ...more }));

describe('the body of an event', () => {
  it('is an id and a count, and nothing else of it is believed', () => {
    assert.deepEqual(parse({ number: 'INC1', approver: 'arne', policy: {}, parameters: { pool: 'x' } }), {
      sys_id: sysId,
      sys_mod_count: 3,
    });
  });

  for (const [name, body, wrong] of [
    ['no JSON', '{', /^the body is not JSON: \S/],
    ['no object', '[]', /expected object/],
    [
      'an id of another form',
      { sys_id: 'A'.repeat(32), sys_mod_count: 1 },
      /32 lower-case hex digits.*sys_id/s,
    ],
    [
      'an id that is too long',
      { sys_id: `${sysId}a`, sys_mod_count: 1 },
      /32 lower-case hex digits.*sys_id/s,
    ],
    [
      'an id that is too short',
      { sys_id: 'a'.repeat(31), sys_mod_count: 1 },
      /lower-case hex digits.*sys_id/s,
    ],
    ['no count', { sys_id: sysId }, /sys_mod_count/],
    ['a negative count', { sys_id: sysId, sys_mod_count: -1 }, /sys_mod_count/],
    ['null for a count', { sys_id: sysId, sys_mod_count: null }, /whole number.*sys_mod_count/s],
    ['true for a count', { sys_id: sysId, sys_mod_count: true }, /sys_mod_count/],
    ['a list for a count', { sys_id: sysId, sys_mod_count: [3] }, /sys_mod_count/],
    ['no text for a count', { sys_id: sysId, sys_mod_count: '' }, /sys_mod_count/],
    ['a count too large to be exact', { sys_id: sysId, sys_mod_count: '1'.repeat(16) }, /sys_mod_count/],
    ['a count with more behind it', { sys_id: sysId, sys_mod_count: '3 ' }, /sys_mod_count/],
    ['a count with more before it', { sys_id: sysId, sys_mod_count: '+3' }, /sys_mod_count/],
    ['an id with more before it', { sys_id: `x${sysId}`, sys_mod_count: 1 }, /32 lower-case hex digits/],
    ['a broken count', { sys_id: sysId, sys_mod_count: 1.5 }, /sys_mod_count/],
    ['another writing of a count', { sys_id: sysId, sys_mod_count: '0x10' }, /sys_mod_count/],
  ] as const)
    it(`says what is wrong with ${name}`, () => {
      const event = parseThinEvent(typeof body === 'string' ? body : JSON.stringify(body));
      assert.match('invalid' in event ? event.invalid : '', wrong);
    });

  it('has its count as a number or as text, from 0 up', () => {
    for (const count of [0, '0', 3, '3', 1e15 - 1, '9'.repeat(15)])
      assert.deepEqual(parse({ sys_mod_count: count }), { sys_id: sysId, sys_mod_count: Number(count) });
  });

  it('may carry a suggestion', () => {
    const event = parse({ suggestion });
    assert.deepEqual('suggestion' in event && event.suggestion, suggestion);
    assert.ok(!('suggestionDropped' in event));
  });

  it('loses a suggestion that cannot be read, and only that', () => {
    const event = parse({ suggestion: { ...suggestion, confidence: 'certain' } });
    assert.ok('sys_id' in event && !('suggestion' in event));
    assert.match(event.suggestionDropped ?? '', /confidence/);
  });

  it('takes null for none', () => assert.deepEqual(parse({ suggestion: null }), parse({})));
});

describe('what is kept of an event', () => {
  it('forgets the number of tries of an entry that was kept before they were counted by reason', () => {
    const entry = { bodyHash: 'h', sysId: 'a'.repeat(32), modCount: 3, outcome: '' };
    assert.deepEqual(InboxEntry.parse({ ...entry, tries: 2 }), { ...entry, tries: {} });
    assert.equal(InboxEntry.safeParse({ ...entry, tries: { tired: 1 } }).success, false);
  });

  it('has a place for everything, and for nothing else', () => {
    const least = { bodyHash: 'h', sysId, modCount: 3, outcome: '' };
    const at = '2026-11-22T09:00:00.000Z';
    const looked = {
      source: 'poll',
      tries: { away: 2, behind: 1 },
      waits: 'no answer',
      notBefore: at,
      since: at,
    };
    const entry = { ...least, suggestion, suggestionDropped: 'why', ...looked };
    for (const one of [least, entry]) assert.deepEqual(InboxEntry.parse(one), one);
    for (const wrong of [{ source: 'push' }, { source: '' }, { tries: 0.5 }, { tries: '2' }])
      assert.equal(InboxEntry.safeParse({ ...entry, ...wrong }).success, false, JSON.stringify(wrong));
    assert.equal(InboxEntry.safeParse({ ...entry, body: '{}' }).success, false);
    assert.equal(InboxEntry.safeParse({ ...entry, modCount: undefined }).success, false);
  });
});
