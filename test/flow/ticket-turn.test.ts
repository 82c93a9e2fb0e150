import assert from 'node:assert/strict';
import { AppError } from '../../src/domain/errors.ts';
import { isSettled } from '../../src/domain/reports.ts';
import { handlers } from '../../src/flow/command.ts';
import type { Deps } from '../../src/flow/deps.ts';
import { markOpen } from '../../src/flow/projection.ts';
import * as f from '../fakes/domain.ts';
import { type Outside, outside, type Process, propose, startProcess, tempFile } from '../fakes/flow.ts';

const LATER_RUN = '01JD8Z6N3V6Q4W8X2Y5A7K2QDN';
const away = new AppError({ code: 'itsm-unreachable', message: 'no answer', fix: 'Wait.', retryable: true });
const forbidden = new AppError({ code: 'itsm-refused', message: '403', fix: 'Give it the role.' });

describe('what two runs of one incident have to tell it', () => {
  let temp: ReturnType<typeof tempFile>;
  let world: Outside;
  let process: Process;
  /** The notes as written: which run, which report, and what became of the field approval. */
  let written: string[];
  let approval: string | undefined;
  let failure: AppError | undefined;
  beforeEach(async () => {
    temp = tempFile();
    world = outside();
    process = await startProcess(world, temp.file);
    written = [];
    failure = undefined;
    approval = undefined;
    replace('itsm', {
      update: async ({ marker, approval: set }) => {
        if (failure !== undefined) throw failure;
        const [, runId, key] = /^\[handrail (\S+) (\S+)\]$/.exec(marker) ?? [];
        written.push(`${runId === f.RUN ? 'earlier' : 'later'} ${key}`);
        approval = set ?? approval;
        return {};
      },
    });
  });
  afterEach(async () => {
    await process.store.close();
    temp.remove();
  });
  function replace<K extends 'itsm' | 'log' | 'chat'>(part: K, change: Partial<Deps[K]>): void {
    Object.assign(process.deps, { [part]: { ...process.deps[part], ...change } });
  }
  const begin = async (runId: string, incident = 'INC0010023'): Promise<void> => {
    world.incident = f.incident({ number: incident });
    await markOpen(process.deps, runId, incident, 'recycle');
    assert.ok((await process.command(propose, runId)).ok);
  };
  const drive = (runId: string) => handlers(process.deps).drive(runId);
  /** The earlier run was taken back while ServiceNow did not answer, and the later one has begun since. */
  const takenBackAndBegunAgain = async (): Promise<void> => {
    await begin(f.RUN);
    await drive(f.RUN);
    failure = away;
    await process.command(f.anyOf.withdraw, f.RUN);
    await drive(f.RUN);
    await begin(LATER_RUN);
    assert.deepEqual(written, ['earlier ticket:requested:1']);
  };

  it('is told in the order of the runs, whichever is driven first: the approval asked for last stands', async () => {
    await takenBackAndBegunAgain();
    failure = undefined;
    const again = await drive(LATER_RUN);
    assert.deepEqual(written, ['earlier ticket:requested:1'], 'the later run went first');
    assert.ok(again !== undefined && again > world.now, 'nobody wakes the later run again');
    await drive(f.RUN);
    assert.ok(isSettled(await process.run(f.RUN)));
    await drive(LATER_RUN);
    assert.deepEqual(written, [
      'earlier ticket:requested:1',
      'earlier ticket:closed',
      'later ticket:requested:1',
    ]);
    assert.equal(approval, 'requested');
  });

  it('keeps no card from being shown while it waits', async () => {
    await takenBackAndBegunAgain();
    await drive(LATER_RUN);
    assert.ok((await process.run(LATER_RUN)).card);
  });

  it('goes out when what an earlier run had to tell is refused for good', async () => {
    await takenBackAndBegunAgain();
    failure = forbidden;
    await drive(f.RUN);
    failure = undefined;
    await drive(LATER_RUN);
    assert.deepEqual(written, ['earlier ticket:requested:1', 'later ticket:requested:1']);
  });

  it('goes out beside an earlier run that is open and has nothing to tell', async () => {
    await begin(f.RUN);
    await drive(f.RUN);
    await begin(LATER_RUN);
    await drive(LATER_RUN);
    assert.deepEqual(written, ['earlier ticket:requested:1', 'later ticket:requested:1']);
  });

  it('goes out while an earlier run has to tell others, and not the incident', async () => {
    await begin(f.RUN);
    await drive(f.RUN);
    replace('chat', { update: () => Promise.reject(away) });
    await process.command(f.anyOf.withdraw, f.RUN);
    await drive(f.RUN);
    assert.ok(!isSettled(await process.run(f.RUN)));
    await begin(LATER_RUN);
    await drive(LATER_RUN);
    assert.deepEqual(written.slice(1), ['earlier ticket:closed', 'later ticket:requested:1']);
  });

  it('waits for no later run, and for no run of another incident', async () => {
    failure = away;
    await begin(LATER_RUN, 'INC0010024');
    await drive(LATER_RUN);
    await begin(f.RUN, 'INC0010023');
    failure = undefined;
    await drive(f.RUN);
    assert.deepEqual(written, ['earlier ticket:requested:1']);
    await process.command(f.anyOf.withdraw, f.RUN);
    await drive(LATER_RUN);
    assert.deepEqual(written, ['earlier ticket:requested:1', 'later ticket:requested:1']);
  });

  for (const [when, why, want] of [
    ['can never be read again', new AppError({ code: 'log-broken', message: 'x', fix: 'y' }), ['later']],
    [
      'cannot be read now',
      new AppError({ code: 'store-unavailable', message: 'x', fix: 'y', retryable: true }),
      [],
    ],
  ] as const)
    it(`${want.length > 0 ? 'goes out' : 'waits'} when an earlier run ${when}`, async () => {
      await takenBackAndBegunAgain();
      failure = undefined;
      const { read } = process.deps.log;
      replace('log', { read: (runId) => (runId === f.RUN ? Promise.reject(why) : read(runId)) });
      await drive(LATER_RUN);
      assert.deepEqual(
        written.slice(1),
        want.map((run) => `${run} ticket:requested:1`),
      );
    });
});
