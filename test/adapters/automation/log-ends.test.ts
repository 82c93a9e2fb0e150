import assert from 'node:assert/strict';
import fc from 'fast-check';
import { logEnds, tailBytes, wholeBytes, wholeLog } from '../../../src/adapters/automation/log-ends.ts';
import { maskOf } from '../../../src/adapters/automation/mask.ts';

const secret = 'S3CR3T-👍-VALUE';
const mask = maskOf([secret]);
/** About this many bytes of numbered lines, each as long as it says, with the secret in some of them. */
function lines(bytes: number, length: number, every: number): string {
  const parts: string[] = [];
  for (let n = 0, size = 0; size < bytes; n += 1) {
    const line = `line ${n} ${'é'.repeat(length)}${n % every === 0 ? secret : ''}\n`;
    parts.push(line);
    size += Buffer.byteLength(line);
  }
  return parts.join('');
}

describe('Beginning and end of a log', () => {
  it('are whole lines of at most a megabyte, without any part of a secret', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4_000 }), fc.integer({ min: 1, max: 5 }), (length, every) => {
        const head = lines(wholeBytes, length, every);
        const tail = lines(tailBytes + mask.longest, length, every);
        const { text, truncated } = logEnds(head, tail, mask);
        const [beginning = '', end = ''] = text.split('[... the middle is left out ...]\n');
        assert.equal(truncated, true);
        assert.ok(Buffer.byteLength(text) < wholeBytes + 100);
        assert.ok(!/S3CR|CR3T|VALUE|\uFFFD/.test(text), 'no part of the secret, no half of a character');
        for (const part of [beginning, end])
          assert.ok(part.split('\n').every((line) => line === '' || /^line \d+ é+(\*\*\*)?$/.test(line)));
        assert.match(beginning, /^line 0 /);
        const lastOf = (part: string) => part.slice(part.lastIndexOf('line ')).split(' ')[1];
        assert.equal(lastOf(end), lastOf(tail));
      }),
      { numRuns: 20 },
    );
  });

  it('of a log without line ends are parts of that size', () => {
    const { text } = logEnds('x'.repeat(wholeBytes), 'y'.repeat(wholeBytes), mask);
    assert.match(text, /^x{250000}\n\[\.\.\. the middle is left out \.\.\.\]\ny{750000}$/);
  });
});

describe('A log that is all there', () => {
  it('is kept whole up to a megabyte, and capped above', async () => {
    const whole = `${'x'.repeat(wholeBytes - secret.length - 10)}${secret}`;
    assert.equal((await wholeLog(whole, mask)).truncated, false);
    const capped = await wholeLog(`${whole}${whole}`, mask);
    assert.equal(capped.truncated, true);
    assert.ok(capped.text.length < wholeBytes + 100 && !capped.text.includes('S3CR'));
  });
});
