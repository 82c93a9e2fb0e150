import assert from 'node:assert/strict';
import fc from 'fast-check';
import { verifyRun } from '../../../src/adapters/store/chain.ts';
import { chain } from '../../../src/adapters/store/entries.ts';
import type { LogEntry } from '../../../src/domain/events.ts';
import { runId } from '../../contract/store-fixtures.ts';
import { events } from '../../contract/store-log.ts';

const run = runId();
const entries = chain(run, undefined, events(9));
const position = fc.nat({ max: entries.length - 1 });
const at = (i: number): LogEntry => entries[i] as LogEntry;

/** Every way to change one thing in a run, with the place where it has to show. */
const changes: fc.Arbitrary<readonly [LogEntry[], number]> = fc.oneof(
  position.chain((i) =>
    fc
      .constantFrom('event', 'at', 'tenant', 'hash', 'prev', 'type', 'runId', 'seq')
      .map((name) => [entries.with(i, { ...at(i), [name]: `x${run}` } as LogEntry), i + 1] as const),
  ),
  position.map(
    (i) => [entries.with(i, { ...at(i), subject: { ...at(i).subject, incident: 'x' } }), i + 1] as const,
  ),
  fc.nat({ max: entries.length - 2 }).map((i) => [entries.toSpliced(i, 1), i + 1] as const),
  position.map((i) => [entries.toSpliced(i, 0, at(i)), i + 2] as const),
);

describe('The chain of a run', () => {
  it('verifies as it was made, and names its head', () => {
    assert.deepEqual(verifyRun(entries), { ok: true, head: { runId: run, seq: 9, hash: at(8).hash } });
    assert.deepEqual(verifyRun([]), { ok: true, head: undefined });
  });

  it('shows any single change, at its place', () => {
    const shows = fc.property(changes, ([changed, seq]) => {
      const verified = verifyRun(changed, { runId: run, seq: 0, hash: '' });
      assert.ok(!verified.ok);
      assert.equal(verified.seq, seq);
    });
    fc.assert(shows, { numRuns: 200 });
  });

  it('is the same for the same events, whatever the order of their properties', () => {
    const reordered = events(1).map(({ actor, origin, ...rest }) => ({ origin, ...rest, actor }));
    const [a] = chain(run, undefined, reordered);
    const [b] = chain(
      run,
      undefined,
      reordered.map(({ origin, ...rest }) => ({ ...rest, origin })),
    );
    assert.equal(a?.hash, b?.hash);
  });

  it('has a hash anybody can compute again: SHA-256 of the sorted JSON of all but the hash', () => {
    const fixed = {
      ...events(1)[0],
      event: '01K0000000000000000000000A',
    } as Parameters<typeof chain>[2][number];
    const [entry] = chain('01K0000000000000000000000B', undefined, [fixed]);
    assert.equal(entry?.hash, '3fcccc11bb3cf5cc0457cf4139168978491a1812b1f0bca48739c494bab01807');
  });

  it('accepts an anchor anywhere in it, and no other', () => {
    fc.assert(
      fc.property(position, (i) => {
        assert.equal(verifyRun(entries, at(i)).ok, true);
        assert.deepEqual(verifyRun(entries, { ...at(i), hash: 'x' }), {
          ok: false,
          seq: i + 1,
          why: 'rewritten',
        });
        assert.deepEqual(verifyRun(entries, { ...at(i), runId: runId() }), {
          ok: false,
          seq: 1,
          why: 'moved',
        });
        const cut = entries.slice(0, i);
        assert.deepEqual(verifyRun(cut, at(i)), { ok: false, seq: i + 1, why: 'truncated' });
      }),
      { numRuns: 20 },
    );
  });
});
