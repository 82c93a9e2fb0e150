import assert from 'node:assert/strict';
import { parseParameter } from '../../src/domain/parameters.ts';

const text = (pattern: string) => ({
  type: 'string' as const,
  title: 'Pool',
  from: [],
  ask: 'missing' as const,
  maxLength: 200,
  pattern,
});

describe('a text parameter with a pattern', () => {
  it('is held against its own pattern, each time anew', () => {
    const tried = [
      ['[a-z]+', 'shop'],
      ['[0-9]+', 'shop'],
      ['[a-z]+', '503'],
      ['[0-9]+', '503'],
      ['[a-z]+', 'shop'],
    ] as const;
    const fits = tried.map(([pattern, value]) => parseParameter(text(pattern), value).ok);
    assert.deepEqual(fits, [true, false, false, true, true]);
  });

  it('has to fit as a whole, also when the pattern offers a choice', () => {
    assert.equal(parseParameter(text('shop|search'), 'shop; rm').ok, false);
    assert.equal(parseParameter(text('shop|search'), 'search').ok, true);
  });
});
