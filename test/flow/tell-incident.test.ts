import assert from 'node:assert/strict';
import { AppError } from '../../src/domain/errors.ts';
import { isSettled } from '../../src/domain/reports.ts';
import type { TicketUpdate, Updated } from '../../src/ports.ts';
import * as f from '../fakes/domain.ts';
import { type Outside, outside, type Process, propose, startProcess, tempFile } from '../fakes/flow.ts';

describe('What a run tells an incident that people have in hand', () => {
  let temp: ReturnType<typeof tempFile>;
  let world: Outside;
  let process: Process;
  let updates: TicketUpdate[];
  let answers: (update: TicketUpdate) => Updated;
  beforeEach(async () => {
    temp = tempFile();
    world = outside();
    process = await startProcess(world, temp.file);
    updates = [];
    const update = async (one: TicketUpdate) => {
      updates.push(one);
      return answers(one);
    };
    Object.assign(process.deps, { itsm: { ...process.deps.itsm, update } });
  });
  afterEach(async () => {
    await process.store.close();
    temp.remove();
  });
  const done = async (): Promise<void> => {
    await process.command(propose);
    await process.settle();
    await process.command(f.command('approve', f.arne, {}));
    await process.settle();
  };
  const last = () => updates.at(-1);

  it('is compared with how it stood when the run was let go ahead, not later and not before', async () => {
    answers = ({ marker }) => ({ seen: { state: marker } });
    await done();
    const [requested, approved, closed] = updates;
    assert.deepEqual([requested?.since, approved?.since], [undefined, undefined]);
    assert.deepEqual(closed?.since, { state: approved?.marker });
    assert.equal(closed, last());
    assert.deepEqual(closed?.state, 'resolved');
  });

  it('is remembered in the log: another process compares with the same', async () => {
    answers = () => ({ seen: { state: '2' } });
    await process.command(propose);
    await process.settle();
    await process.command(f.command('approve', f.arne, {}));
    const { entries } = await process.run();
    assert.ok(entries.every((entry) => entry.type !== 'reported' || entry.data.seen === undefined));
    await process.settle();
    const seen = (await process.run()).entries.flatMap((entry) =>
      entry.type === 'reported' && entry.data.seen !== undefined ? [[entry.data.key, entry.data.seen]] : [],
    );
    assert.deepEqual(seen, [['ticket:approved:1', { state: '2' }]]);
  });

  it('is told in the thread and in the record when it was left to them', async () => {
    const left = 'INC0010023 was reopened: it was not resolved by Handrail';
    answers = ({ state }) => (state === 'resolved' ? { left } : {});
    await done();
    assert.ok(world.transcript.some((line) => line.includes(`thread: INC0010023:`) && line.includes(left)));
    const run = await process.run();
    assert.equal(
      run.entries.findLast((entry) => entry.type === 'reported' && entry.data.left === left)?.type,
      'reported',
    );
    assert.ok(isSettled(run));
  });

  const reasons: readonly (readonly [string, () => Updated])[] = [
    [
      'ServiceNow refused to hear of the approval',
      () => {
        throw new AppError({ code: 'itsm-refused', message: 'a data policy', fix: 'Fill it in.' });
      },
    ],
    ['others saved it before anybody could look', () => ({ seen: {} })],
  ];
  for (const [reason, approved] of reasons)
    it(`is not resolved when nobody knows how it stood, because ${reason}`, async () => {
      answers = ({ state }) => (state === 'in-progress' ? approved() : {});
      await done();
      const closed = last();
      assert.deepEqual([closed?.state, closed?.close], [undefined, undefined]);
      const why =
        'how INC0010023 stood when the run was let go ahead is not known: it was not resolved by Handrail';
      assert.ok(closed?.workNote.endsWith(`\nLeft as it is: ${why}.`));
      assert.ok(world.transcript.some((line) => line.startsWith('thread: ') && line.includes(why)));
      assert.ok(isSettled(await process.run()));
    });
});
