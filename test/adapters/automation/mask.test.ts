import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readLog } from '../../../src/adapters/automation/log.ts';
import { maskOf } from '../../../src/adapters/automation/mask.ts';

describe('A mask', () => {
  it('leaves text alone when there is no secret', () => {
    assert.equal(maskOf([])('nothing to hide'), 'nothing to hide');
    assert.equal(maskOf([''])('nothing to hide'), 'nothing to hide');
  });

  it('hides overlapping values as one', () => {
    assert.equal(maskOf(['abcd', 'cdef'])('-abcdef-'), '-***-');
  });

  it('hides each line of a key that has several', () => {
    const key = '-----BEGIN KEY-----\nMIIEvQIBADANBg\n-----END KEY-----\n';
    assert.equal(maskOf([key])('2026 MIIEvQIBADANBg'), '2026 ***');
  });

  it('takes nothing in a value for a pattern', () => {
    assert.equal(maskOf(['a.*$&'])('x a.*$& y abc'), 'x *** y abc');
  });

  it('hides a value wherever it stands, plain or in base64', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 8, unit: 'grapheme' }),
        fc.string(),
        fc.string(),
        (secret, before, after) => {
          const mask = maskOf([secret]);
          assert.ok(mask(`${before}${secret}${after}`).includes('***'));
          const encoded = Buffer.from(`${before}${secret}${after}`).toString('base64');
          assert.ok(mask(encoded).includes('***'));
        },
      ),
      { numRuns: 200 },
    );
  });
});

/** Serves a log in pages, as a target does. */
const pages = (log: string, pageBytes = 100_000) => {
  const bytes = Buffer.from(log);
  return async (after: number) => {
    let from = after;
    while (((bytes[from] ?? 0) & 0xc0) === 0x80) from += 1;
    let next = Math.min(bytes.length, from + pageBytes);
    while (((bytes[next] ?? 0) & 0xc0) === 0x80) next += 1;
    return { text: bytes.toString('utf8', from, next), next, size: bytes.length };
  };
};

describe('A log', () => {
  it('is given whole up to 1 MB', async () => {
    const log = 'ä'.repeat(500_000);
    assert.deepEqual(await readLog(pages(log), maskOf([])), { text: log, truncated: false });
  });

  it('keeps its beginning and its end when it is larger, and says how much is missing', async () => {
    const log = `first line\n${'ä'.repeat(1_500_000)}\nlast line`;
    const { text, truncated } = await readLog(pages(log), maskOf([]));
    assert.equal(truncated, true);
    assert.match(text, /^first line\n/);
    assert.match(text, /\nlast line$/);
    const missing = Number(/\[\.\.\. (\d+) bytes left out \.\.\.\]/.exec(text)?.[1]);
    const kept = Buffer.byteLength(text) - Buffer.byteLength(`\n[... ${missing} bytes left out ...]\n`);
    assert.equal(kept + missing, Buffer.byteLength(log));
    assert.ok(kept <= 1_000_000);
    assert.doesNotMatch(text, /\uFFFD/);
  });

  it('hides a secret that stands at either edge of the gap', async () => {
    const secret = 'S3CR3T-VALUE';
    for (let shift = 1; shift < secret.length; shift += 1) {
      const filler = 'x'.repeat(250_000 - shift);
      const tail = 'y'.repeat(750_000 - shift);
      const log = `${filler}${secret}${'z'.repeat(400_000)}${secret}${tail}`;
      const { text } = await readLog(pages(log), maskOf([secret]));
      assert.match(text, /^x+\n\[\.\.\. \d+ bytes left out \.\.\.\]\ny+$/, `shift ${shift}`);
    }
  });

  it('ends when a target gives the same page for ever', async () => {
    const stuck = async () => ({ text: 'a', next: 0, size: 10 });
    assert.equal((await readLog(stuck, maskOf([]))).truncated, true);
  });
});
