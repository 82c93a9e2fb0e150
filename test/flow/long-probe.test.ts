import assert from 'node:assert/strict';
import type { ProbeMoment, ProbeResult } from '../../src/ports.ts';
import * as f from '../fakes/domain.ts';
import { outside, propose, startProcess, tempFile } from '../fakes/flow.ts';

describe('a probe that measures for longer than a drive may take', () => {
  it('is asked exactly the same by the next drive, and its verdict is stored once', async () => {
    const asked: ProbeMoment[] = [];
    const { promise, resolve } = Promise.withResolvers<ProbeResult>();
    const check = (_probe: unknown, moment: ProbeMoment) => {
      asked.push(moment);
      return promise;
    };
    const temp = tempFile();
    const process = await startProcess(outside(), temp.file, { probe: { check } });
    const isAsked = async (times: number) => {
      while (asked.length < times) await new Promise(setImmediate);
    };
    await process.command(propose);
    await process.command(f.command('approve', f.arne, {}));
    const first = process.settle();
    await isAsked(1);
    const second = process.settle();
    await isAsked(2);
    resolve({ healthy: true, summary: 'well', checks: [] });
    await Promise.all([first, second]);

    const { entries, closed, steps } = await process.run();
    assert.deepEqual(asked[1], asked[0]);
    const { startedAt, deadline } = steps.find(({ id }) => id === 'answers') ?? assert.fail();
    const { since, until, before } = asked[0] ?? assert.fail();
    assert.deepEqual([since, until], [new Date(startedAt), new Date(deadline)]);
    assert.ok(before !== undefined && before <= since);
    assert.equal(
      entries.filter(({ type, data }) => type === 'step-finished' && data.step === 'answers').length,
      1,
    );
    assert.equal(closed?.outcome, 'succeeded');
    await process.store.close();
    temp.remove();
  });
});
