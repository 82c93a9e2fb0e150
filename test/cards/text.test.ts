import assert from 'node:assert/strict';
import fc from 'fast-check';
import { escapeMarkdown, literal, plain, tailOf } from '../../cards/text.ts';
import { hostile } from './hostile.ts';

/** What makes a link, a mention, a tag, an entity or a macro, in any markdown dialect we know of. */
const active = [/\]\s*[[(:]/u, /:\/\//u, /\bwww\./iu, /<\/?[a-z!?]/iu, /@\w/u, /&#?\w+;/u, /\$\{|\{\{/u];
const breaker = /\u2060/gu;

function assertInert(text: string): void {
  for (const pattern of active) assert.doesNotMatch(text, pattern);
  assert.doesNotMatch(text, /[\p{Cc}\p{Zl}\p{Zp}]/u, 'no control character, no line break');
  assert.doesNotMatch(text.replace(breaker, ''), /[\p{C}\p{DI}]/u, 'nothing unseen but our own breaker');
  assert.ok(text.isWellFormed());
}

function assertUnformatted(text: string): void {
  const bare = text.replace(/\\[!-/:-@[-`{-~]/gu, '');
  assert.doesNotMatch(bare, /[`*_~[\]|\\]/u, 'every mark is escaped');
  assert.doesNotMatch(text, /^([-#>+=]|\d+[.)])/u, 'no list, heading or quote begins');
}

/** Text made of the characters that matter, so that chance finds their combinations. */
const nasty = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(
      fc.constantFrom(
        ...[...'[]()<>`*_~#-+=|\\!:/@&;{}$.1aw \n\t', '://', 'www.', '](', '<at>', '</at>', '${', '{{'],
        ...['\u202E', '\u200B', '\u2060', '\u0301', '\uD800', '\u0000', '\u2028'],
      ),
      { maxLength: 40 },
    )
    .map((parts) => parts.join('')),
  fc.constantFrom(...hostile),
);

describe('untrusted text', () => {
  it('is never a link, a mention, a tag or a macro in a text run', () => {
    fc.assert(
      fc.property(nasty, (text) => assertInert(plain(text))),
      { numRuns: 1500 },
    );
  });

  it('is never that, nor formats anything, where markdown is read', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        assertInert(escapeMarkdown(text));
        assertUnformatted(escapeMarkdown(text));
      }),
      { numRuns: 1500 },
    );
  });

  it('reads the same once the escapes are taken away', () => {
    const words = 'app_pool *.contoso.example [2 of 3] 5 < 6 & 7 > 2, C:\\inetpub `w3wp`';
    assert.equal(plain(words).replace(breaker, ''), words);
    assert.equal(
      escapeMarkdown(words)
        .replace(breaker, '')
        .replace(/\\([^A-Za-z0-9])/gu, '$1'),
      words,
    );
  });

  it('leaves host names alone, so that they can be copied', () => {
    for (const host of ['web-prod-01.contoso.example', 'SRV_07', 'fe80::1']) assert.equal(plain(host), host);
  });

  it('is one line with single blanks', () => {
    assert.equal(plain('  one\r\n\ttwo\u00A0\u2003three  '), 'one two three');
  });

  it('is cut by characters, with an ellipsis, and never in the middle of one', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 60 }),
        fc.integer({ min: 2, max: 30 }),
        (text, max) => {
          const cut = plain(text, max).replace(breaker, '');
          assert.ok([...cut].length <= max);
          assert.ok(cut.isWellFormed());
        },
      ),
    );
    assert.equal(plain('abcdef', 4), 'abc…');
    assert.equal(plain('😀😀😀😀😀', 3), '😀😀…');
    assert.match(plain(`${' '.repeat(9_000)}far away`, 20), /…$/u);
  });
});

describe('a value somebody decides on', () => {
  it('is inert', () => {
    fc.assert(
      fc.property(nasty, (text) => assertInert(literal(text))),
      { numRuns: 1000 },
    );
  });

  it('shows that there is something which cannot be seen', () => {
    assert.equal(literal('web\u200B01'), 'web\uFFFD01');
    assert.equal(literal('exe\u202Egpj'), 'exe\uFFFDgpj');
    assert.notEqual(literal('a  b'), literal('a b'));
  });
});

describe('the end of a log', () => {
  it('is its last lines, the empty ones left out', () => {
    assert.deepEqual(tailOf('one\r\ntwo\n\nthree\n', 2), ['two', 'three']);
    assert.deepEqual(tailOf('', 2), []);
  });

  it('is inert', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        for (const line of tailOf(text, 5)) assertInert(line);
      }),
    );
  });
});
