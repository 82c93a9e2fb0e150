import assert from 'node:assert/strict';
import type { Reply } from '../../src/domain/commands.ts';
import type { EventType } from '../../src/domain/events.ts';
import {
  approves,
  breaks,
  codeOf,
  dispatches,
  drives,
  expires,
  narrows,
  openTrack,
  type Raced,
  race,
  rejects,
  resumes,
  snapshotEnds,
  stops,
  type Track,
  withdraws,
} from './races.ts';

const ROUNDS = 50;
const count = ({ entries }: Raced, type: EventType): number =>
  entries.filter((entry) => entry.type === type).length;
const outcome = ({ entries }: Raced): string =>
  entries.flatMap((entry) => (entry.type === 'run-closed' ? [entry.data.outcome] : [])).join(' and ');
const codes = ({ first, second }: Raced): string => `${codeOf(first)}, ${codeOf(second)}`;
/** The loser is told who won. */
const names = (reply: Reply, who: string): void => {
  assert.ok(!reply.ok);
  const told = `${reply.refusal.message} ${reply.refusal.nextAction}`;
  assert.match(told, new RegExp(who));
};

/** Runs a race many times and holds each result against the ways it may end; each of them has to come about. */
async function each(
  quorum: 1 | 2,
  ways: readonly string[],
  run: (track: Track, round: number) => Promise<Raced>,
  holds: (raced: Raced) => void,
): Promise<void> {
  const track = await openTrack(quorum);
  const met = new Set<string>();
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const raced = await run(track, round);
      const { entries } = raced;
      assert.deepEqual(
        entries.map(({ seq }) => seq),
        entries.map((_, n) => n + 1),
        'one line of events',
      );
      assert.ok(count(raced, 'run-closed') <= 1, 'two ends');
      assert.ok(ways.includes(codes(raced)), `round ${round}: ${codes(raced)}`);
      met.add(codes(raced));
      holds(raced);
    }
  } finally {
    await track.close();
  }
  assert.deepEqual([...met].sort(), [...ways].sort(), 'ways it ended');
}

describe('two who are at it in the same moment', function () {
  this.timeout(60_000);

  it('two approvers where one is enough: one vote, and the other learns whose it was', () =>
    each(
      1,
      ['done, already-decided', 'already-decided, done'],
      async (track, round) => race(track, await track.start(round), round, approves('arne'), approves('mia')),
      (raced) => {
        assert.equal(count(raced, 'vote-cast'), 1);
        if (raced.first.ok) names(raced.second, 'arne');
        else names(raced.first, 'mia');
      },
    ));

  it('two approvers where both are needed: both count', () =>
    each(
      2,
      ['done, done'],
      async (track, round) => race(track, await track.start(round), round, approves('arne'), approves('mia')),
      (raced) => assert.equal(count(raced, 'vote-cast'), 2),
    ));

  it('one approver twice where two are needed: one vote', () =>
    each(
      2,
      ['done, known', 'known, done'],
      async (track, round) =>
        race(track, await track.start(round), round, approves('arne'), approves('arne')),
      (raced) => assert.equal(count(raced, 'vote-cast'), 1),
    ));

  it('an approval and a rejection: one of them, and the other learns whose', () =>
    each(
      1,
      ['done, already-decided', 'already-ended, done'],
      async (track, round) => race(track, await track.start(round), round, approves('arne'), rejects('mia')),
      (raced) => {
        assert.equal(count(raced, 'vote-cast'), 1);
        assert.equal(outcome(raced), raced.first.ok ? '' : 'rejected');
        if (raced.first.ok) names(raced.second, 'arne');
        else names(raced.first, 'mia');
      },
    ));

  it('a click and the end of the time to decide: a vote, or the end', () =>
    each(
      1,
      ['done, known', 'already-ended, done', 'expired, already-ended'],
      async (track, round) => race(track, await track.start(round), round, approves('arne'), expires),
      (raced) => {
        const voted = raced.first.ok;
        assert.equal(count(raced, 'vote-cast'), voted ? 1 : 0);
        assert.equal(outcome(raced), voted ? '' : 'expired');
      },
    ));

  it('a vote and a narrowing: no vote counts for the plan that came after it', () =>
    each(
      2,
      ['done, done', 'stale-card, done'],
      async (track, round) => race(track, await track.start(round), round, approves('arne'), narrows('mia')),
      (raced) => {
        const asked = raced.entries.findLastIndex(({ type }) => type === 'approval-requested');
        assert.ok(raced.entries.slice(asked).every(({ type }) => type !== 'vote-cast'));
        assert.equal(count(raced, 'approval-requested'), 2);
      },
    ));

  it('two who break the glass: one did, and the other learns who', () =>
    each(
      1,
      ['done, already-decided', 'already-decided, done'],
      async (track, round) => race(track, await track.start(round), round, breaks('cora'), breaks('carl')),
      (raced) => {
        assert.equal(count(raced, 'glass-broken'), 1);
        if (raced.first.ok) names(raced.second, 'cora');
        else names(raced.first, 'carl');
      },
    ));

  it('a withdrawal and the start: it is withdrawn and nothing starts, or it is told that it runs', () =>
    each(
      1,
      ['done, already-ended', 'already-running, done'],
      async (track, round) => {
        const runId = await track.start(round);
        await approves('arne')(track, runId);
        return race(track, runId, round, withdraws('olivia'), dispatches);
      },
      (raced) => {
        assert.equal(count(raced, 'step-started'), raced.first.ok ? 0 : 1);
        assert.equal(outcome(raced), raced.first.ok ? 'withdrawn' : '');
      },
    ));

  it('two engines that start the same run: one claim, one launch, one end', async () => {
    const track = await openTrack(1);
    try {
      for (let round = 0; round < 10; round++) {
        const runId = await track.start(round);
        await approves('arne')(track, runId);
        track.world.transcript.length = 0;
        await Promise.all([drives(track, runId), drives(track, runId), dispatches(track, runId)]);
        await track.process.settle(runId);
        const entries = await track.process.deps.log.read(runId);
        const claims = entries.filter(({ type }) => type === 'step-started').length;
        assert.equal(claims, 3);
        assert.equal(track.world.transcript.filter((line) => line === 'launch recycle').length, 1);
        assert.equal(entries.filter(({ type }) => type === 'run-closed').length, 1);
      }
    } finally {
      await track.close();
    }
  });

  it('a stop and the start: nothing starts, or nothing is changed after what had started', () =>
    each(
      1,
      ['done, done'],
      async (track, round) => {
        const runId = await track.start(round);
        await approves('arne')(track, runId);
        const raced = await race(track, runId, round, stops, dispatches);
        await snapshotEnds(track, runId);
        await dispatches(track, runId);
        const entries = await track.process.deps.log.read(runId);
        await resumes(track, runId);
        return { ...raced, entries };
      },
      ({ entries }) => {
        assert.ok(entries.every((one) => one.type !== 'step-started' || one.data.phase === 'diagnostics'));
        const started = entries.some(({ type }) => type === 'step-started');
        assert.ok(started || entries.some(({ type }) => type === 'dispatch-postponed'));
      },
    ));
});
