import assert from 'node:assert/strict';
import type { Command } from '../../src/domain/commands.ts';
import { stateOf } from '../../src/domain/run.ts';
import * as f from '../fakes/domain.ts';
import { type Outside, outside, type Process, propose, startProcess, tempFile } from '../fakes/flow.ts';

const title = 'Recycle the pool (recycle 1.0.0) on shop-web-01';
const code = f.RUN.slice(-5);

const stories: { name: string; world?: (world: Outside) => void; want: string[]; outcome: string }[] = [
  {
    name: 'the good case: diagnostics, remediation, verification, everybody told',
    outcome: 'succeeded',
    want: [
      `note: Handrail asks for approval of ${title}: matches. Run code ${code}. [requested]`,
      'post card: approval',
      'launch snapshot',
      `note: ${title} was approved by arne. [approved in-progress]`,
      'launch recycle',
      'attach log',
      'probe http://site.example/shop',
      'probe http://site.example/shop',
      'card: succeeded',
      'attach log',
      `note: ${title}: succeeded. [resolved]`,
    ],
  },
  {
    name: 'the remediation fails: it is rolled back, escalated, and the people involved are called',
    world: (world) => {
      world.results['recycle'] = 'failed';
    },
    outcome: 'rolled back',
    want: [
      `note: Handrail asks for approval of ${title}: matches. Run code ${code}. [requested]`,
      'post card: approval',
      'probe http://site.example/shop',
      'launch snapshot',
      `note: ${title} was approved by arne. [approved in-progress]`,
      'launch recycle',
      'attach log',
      'launch restore',
      'attach log',
      'card: rolled back',
      'thread: INC0010023: rolled back @arne',
      'attach log',
      `note: ${title}: rolled back. [L3]`,
    ],
  },
  {
    name: 'diagnostics fail: nothing is changed',
    world: (world) => {
      world.results['snapshot'] = 'failed';
    },
    outcome: 'automation failed',
    want: [
      `note: Handrail asks for approval of ${title}: matches. Run code ${code}. [requested]`,
      'post card: approval',
      'probe http://site.example/shop',
      'launch snapshot',
      `note: ${title} was approved by arne. [approved in-progress]`,
      'card: automation failed',
      'tell l3-on-call: INC0010023: Recycle the pool on shop-web-01: automation failed',
      'thread: INC0010023: automation failed @l3-on-call @arne',
      'attach log',
      `note: Automation failed: ${title}. [L3]`,
    ],
  },
];

describe('drive', () => {
  let temp: ReturnType<typeof tempFile>;
  let world: Outside;
  let process: Process;
  beforeEach(async () => {
    temp = tempFile();
    world = outside();
    process = await startProcess(world, temp.file);
  });
  afterEach(async () => {
    await process.store.close();
    temp.remove();
  });
  const approve = f.command('approve', f.arne, {});

  for (const story of stories)
    it(story.name, async () => {
      story.world?.(world);
      await process.command(propose);
      await process.settle();
      await process.command(approve);
      await process.settle();
      const run = await process.run();
      assert.equal(run.closed?.outcome, story.outcome);
      assert.deepEqual([...world.transcript].sort(), [...story.want].sort());
      const order = (line: string) => world.transcript.findIndex((one) => one.startsWith(line));
      assert.ok(
        order('launch snapshot') < order('launch recycle') || !world.transcript.includes('launch recycle'),
      );
      assert.equal((await process.store.verify(f.RUN)).ok, true);
    });

  it('asks for nothing more once everybody has been told', async () => {
    await process.command(propose);
    await process.command(approve);
    await process.settle();
    const lines = world.transcript.length;
    await process.settle();
    assert.equal(world.transcript.length, lines);
    const page = await process.deps.state.list({ where: { kind: 'run', status: 'open' }, limit: 10 });
    assert.deepEqual(page.items, []);
  });

  it('leaves the card as it is when a click was refused: a new one would wipe the answer away', async () => {
    await process.command(propose);
    await process.settle();
    const points: string[] = [];
    world.fault = (point) => void points.push(point);
    const reply = await process.command(f.command('approve', f.stranger, {}));
    await process.settle();
    assert.equal(reply.ok, false);
    assert.equal((await process.run()).entries.at(-1)?.type, 'command-refused');
    assert.ok(!points.includes('before:update'), points.join());
  });

  it('lets an undecided run expire, and tells the ticket', async () => {
    await process.command(propose);
    await process.settle();
    world.now = f.minutes(31);
    await process.settle();
    assert.equal((await process.run()).closed?.outcome, 'expired');
    assert.ok(world.transcript.includes(`note: ${title}: expired. [not-requested]`));
    assert.deepEqual([...world.jobs], []);
  });

  it('tells the target that is down from the one that failed: automation failed, with the fix', async () => {
    world.fault = (point) => {
      if (point === 'before:launch') throw down;
    };
    await process.command(propose);
    await process.command(approve);
    await process.settle();
    const { closed } = await process.run();
    assert.equal(closed?.outcome, 'automation failed');
    assert.match(closed?.reason ?? '', /ops does not answer.*Look at ops/);
    assert.ok(world.transcript.includes(`note: Automation failed: ${title}. [L3]`));
  });

  it('finds a job whose launch was never answered, and does not start a second one', async () => {
    let lost = 0;
    world.fault = (point) => {
      if (point === 'after:launch' && lost++ < 2) throw silence;
    };
    await process.command(propose);
    await process.command(approve);
    await process.settle();
    assert.equal((await process.run()).closed?.outcome, 'succeeded');
    assert.equal(world.transcript.filter((line) => line === 'launch recycle').length, 1);
    assert.ok(lost >= 2);
  });

  it('does not take a store that is away for a moment for a service that is not well', async () => {
    let probed = false;
    let broken = 0;
    world.fault = (point) => {
      probed ||= point === 'after:probe';
      if (probed && point === 'before:put' && broken++ < 2) throw away;
    };
    await process.command(propose);
    await process.command(approve);
    for (let tries = 0; tries < 5; tries++) await process.settle().catch(() => undefined);
    assert.ok(broken > 2);
    assert.equal((await process.run()).closed?.outcome, 'succeeded');
    assert.ok(!world.transcript.includes('launch restore'));
  });

  it('keeps the end of a log that is cut in the middle of a character', async () => {
    world.log = `${'\u{1F600}'.repeat(1_000)}a`;
    await process.command(propose);
    await process.command(approve);
    await process.settle();
    assert.equal((await process.run()).closed?.outcome, 'succeeded');
  });

  it('makes a run of a ticket that holds half a character', async () => {
    world.incident = f.incident({ shortDescription: 'Burst of 5xx \ud83d' });
    await process.command(propose);
    assert.equal((await process.run()).proposal?.incident.shortDescription, 'Burst of 5xx \ufffd');
  });

  it('tells the requester although the channel is broken', async () => {
    world.fault = (point) => {
      if (point === 'before:post') throw away;
    };
    await process.command({ ...propose, by: f.olivia } as Command);
    await process.command(f.command('withdraw', f.olivia, { reason: 'solved' }));
    await process.settle(f.RUN, 3).catch(() => undefined);
    assert.ok(
      world.transcript.some((line) => line.startsWith('tell olivia: INC0010023 Recycle the pool: withdrawn')),
    );
  });

  it('runs what is approved while ServiceNow takes its time to take a note', async () => {
    const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
    world.slow = (point) => (point === 'note' ? answered : Promise.resolve());
    await process.command(propose);
    const driven = process.settle();
    await process.command(approve);
    for (let looks = 0; looks < 200 && !world.transcript.includes('launch recycle'); looks++)
      await new Promise((later) => setTimeout(later, 25));
    assert.ok(world.transcript.includes('launch recycle'), 'the step did not wait for the note');
    assert.ok(!world.transcript.some((line) => line.startsWith('note: ')));
    answer();
    await driven;
    await process.settle();
    assert.equal((await process.run()).closed?.outcome, 'succeeded');
  });

  it('tells the end of a run that ended while its last report was on its way', async () => {
    world.results['recycle'] = 'running';
    world.slow = async (point) => {
      if (point !== 'attach') return;
      world.results['recycle'] = 'succeeded';
      await new Promise((later) => setTimeout(later, 700));
    };
    await process.command(propose);
    await process.command(approve);
    await process.settle();
    assert.equal((await process.run()).closed?.outcome, 'succeeded');
    assert.ok(world.transcript.includes(`note: ${title}: succeeded. [resolved]`));
  });

  it('stops a running job when it is cancelled, and waits for its word', async () => {
    world.results['recycle'] = 'running';
    await process.command(propose);
    await process.command(approve);
    for (let turn = 0; turn < 10 && stateOf(await process.run()) !== 'remediating'; turn++)
      await process.settle(f.RUN, 1).catch(() => undefined);
    assert.equal(stateOf(await process.run()), 'remediating');
    await process.command(f.command('cancel', f.olivia, { reason: 'wrong server' }));
    await process.settle();
    const { closed } = await process.run();
    assert.equal(closed?.outcome, 'cancelled');
    assert.match(closed?.reason ?? '', /olivia: wrong server; the remediation had been stopped/);
  });

  it('keeps a report that cannot be delivered now, and delivers it later', async () => {
    let failures = 0;
    world.fault = (point) => {
      if (point === 'before:note' && failures++ < 3) throw silence;
    };
    await process.command(propose);
    await process.settle(f.RUN, 20).catch(() => undefined);
    await process.command(approve);
    await process.settle();
    assert.deepEqual(
      [...world.notes.keys()].filter((key) => key.startsWith('[')).map((key) => key.replace(/^\S+ \S+ /, '')),
      ['ticket:requested:1]', 'ticket:approved:1]', 'ticket:closed]'],
    );
  });

  it('records a report that the other side refuses, and goes on', async () => {
    world.fault = (point) => {
      if (point === 'before:note') throw refused;
    };
    await process.command(propose);
    await process.command(approve);
    await process.settle();
    const { reported, closed } = await process.run();
    assert.equal(closed?.outcome, 'succeeded');
    assert.match(reported['ticket:closed'] ?? '', /not delivered: the close code is missing.*Fill it in/);
  });
});

import { AppError } from '../../src/domain/errors.ts';

const down = new AppError({
  code: 'target-unreachable',
  message: 'ops does not answer',
  fix: 'Look at ops.',
  retryable: true,
});
const away = new AppError({
  code: 'store-unavailable',
  message: 'the store is away',
  fix: 'Wait.',
  retryable: true,
});
const silence = new AppError({
  code: 'target-unreachable',
  message: 'no answer came',
  fix: 'Wait.',
  retryable: true,
  maybeApplied: true,
});
const refused = new AppError({
  code: 'itsm-refused',
  message: 'the close code is missing',
  fix: 'Fill it in.',
});
