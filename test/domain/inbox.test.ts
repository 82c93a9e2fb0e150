import assert from 'node:assert/strict';
import { parseThinEvent } from '../../src/domain/inbox.ts';

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

  for (const [name, body] of [
    ['no JSON', '{'],
    ['no object', '[]'],
    ['an id of another form', JSON.stringify({ sys_id: 'A'.repeat(32), sys_mod_count: 1 })],
    ['no count', JSON.stringify({ sys_id: sysId })],
    ['a negative count', JSON.stringify({ sys_id: sysId, sys_mod_count: -1 })],
  ] as const)
    it(`says what is wrong with ${name}`, () => {
      const event = parseThinEvent(body);
      assert.ok('invalid' in event && event.invalid !== '');
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
