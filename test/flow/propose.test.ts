import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ulid } from 'ulid';
import type { Actor } from '../../src/domain/people.ts';
import { system } from '../../src/domain/people.ts';
import { loadRun } from '../../src/flow/load-run.ts';
import { openRuns } from '../../src/flow/projection.ts';
import { type Asked, proposeRun } from '../../src/flow/propose.ts';
import * as f from '../fakes/domain.ts';
import { Crash, type Outside, outside, type Process, startProcess, tempFile } from '../fakes/flow.ts';

const number = 'INC0010023';
const event: Actor = system('servicenow');

describe('asking for a run', () => {
  let temp: ReturnType<typeof tempFile>;
  let world: Outside;
  let process: Process;
  const begin = async (): Promise<void> => {
    process = await startProcess(world, temp.file);
  };
  beforeEach(async () => {
    temp = tempFile();
    world = outside();
    await begin();
  });
  afterEach(async () => {
    await process.store.close();
    temp.remove();
  });
  const ask = (by: Actor = event, sysId = 'a'.repeat(32), runbook = 'recycle'): Promise<Asked> => {
    const origin = { conversation: 'c', activity: 'a' };
    const again = by.kind === 'person';
    return proposeRun(process.deps, { incident: { sysId, number }, runbook, by, origin, reason: 'r', again });
  };
  const proposals = async (): Promise<number> => {
    const runs = await Promise.all((await openRuns(process.deps)).map((id) => loadRun(process.deps, id)));
    return runs.filter((run) => run.proposal !== undefined).length;
  };
  const reject = (runId: string) => process.command(f.anyOf.reject, runId);

  it('makes one run, and says to everybody else which one it is', async () => {
    const first = await ask();
    assert.equal(first.is, 'new');
    assert.deepEqual(await ask(), { is: 'known', runId: first.runId });
    assert.deepEqual(await ask(f.olivia), { is: 'known', runId: first.runId });
    assert.equal(await proposals(), 1);
  });

  it('makes one run of many askers at once', async () => {
    const asked = await Promise.all(Array.from({ length: 12 }, (_, n) => ask(n % 2 ? f.olivia : event)));
    assert.equal(new Set(asked.map((one) => one.runId)).size, 1);
    assert.equal(asked.filter((one) => one.is === 'new').length, 1);
    assert.equal(await proposals(), 1);
  });

  it('makes a run of its own for another incident, and for another runbook', async () => {
    const ids = [await ask(), await ask(event, 'b'.repeat(32)), await ask(event, 'a'.repeat(32), 'other')];
    assert.equal(new Set(ids.map((one) => one.runId)).size, 3);
  });

  it('lets people ask again after the end, but not events', async () => {
    const first = await ask();
    await reject(first.runId);
    assert.deepEqual(await ask(), { is: 'known', runId: first.runId });
    const second = await ask(f.olivia);
    assert.equal(second.is, 'new');
    assert.notEqual(second.runId, first.runId);
    assert.deepEqual(await ask(f.olivia), { is: 'known', runId: second.runId });
    assert.deepEqual(await ask(), { is: 'known', runId: second.runId });
  });

  it('makes one new run of many people who ask again at once', async () => {
    const first = await ask();
    await reject(first.runId);
    const asked = await Promise.all(Array.from({ length: 8 }, () => ask(f.olivia)));
    assert.equal(new Set(asked.map((one) => one.runId)).size, 1);
    assert.ok(asked.every((one) => one.runId !== first.runId));
  });

  it('passes a refusal on, and leaves the way open', async () => {
    const refused = await ask(event, 'a'.repeat(32), 'no-such-runbook');
    assert.ok(refused.is === 'new' && !refused.reply.ok);
    assert.equal(refused.reply.refusal.code, 'runbook-unknown');
    assert.equal(await proposals(), 0);
    assert.equal((await ask()).is, 'new');
  });

  it('takes a new id when the claimed one is a day old and never became a run', async () => {
    const old = ulid(world.now.getTime());
    world.fault = (point) => {
      if (point === 'before:append') throw new Crash();
    };
    Object.assign(process.deps.ids, { ulid: () => old });
    await assert.rejects(ask());
    world.fault = () => undefined;
    world.now = f.minutes(24 * 60 + 1);
    Object.assign(process.deps.ids, { ulid: () => ulid(world.now.getTime()) });
    const asked = await ask();
    assert.equal(asked.is, 'new');
    assert.notEqual(asked.runId, old);
  });

  it('goes on with the claimed run after a death at any point: never a second one, never none', async () => {
    for (const moment of ['before', 'after'] as const)
      for (let nth = 1; nth <= 4; nth++) {
        const sysId = fc.sample(
          fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 32, maxLength: 32 }),
          1,
        )[0];
        let writes = 0;
        let died = false;
        world.fault = (point) => {
          if (point === `${moment}:put` || point === `${moment}:append`) writes += 1;
          if (!died && writes === nth) {
            died = true;
            throw new Crash();
          }
        };
        const first: unknown = await ask(event, sysId).catch((error: unknown) => error);
        world.fault = () => undefined;
        await process.store.close();
        await begin();
        const before = await proposals();
        const again = await ask(event, sysId);
        const run = await loadRun(process.deps, again.runId);
        assert.ok(run.proposal, `${moment} write ${nth}`);
        assert.ok((await openRuns(process.deps)).includes(again.runId), `${moment} write ${nth}: forgotten`);
        assert.ok((await proposals()) - before <= 1);
        if (!(first instanceof Error)) assert.equal((first as Asked).runId, again.runId);
      }
  });
});
