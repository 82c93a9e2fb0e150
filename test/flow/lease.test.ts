import assert from 'node:assert/strict';
import { ulid } from 'ulid';
import { stateOf } from '../../src/domain/run.ts';
import { releaseLeases, takeLeases } from '../../src/flow/lease.ts';
import * as f from '../fakes/domain.ts';
import { type Outside, outside, type Process, propose, startProcess, tempFile } from '../fakes/flow.ts';

describe('the lease of a configuration item', () => {
  let temp: ReturnType<typeof tempFile>;
  let world: Outside;
  let process: Process;
  let woken: string[];
  const begin = async (): Promise<void> => {
    process = await startProcess(world, temp.file);
    const runbook = f.runbook({ cooldown: '0s' });
    Object.assign(process.deps.catalogue, { runbooks: new Map([['recycle', runbook]]) });
    Object.assign(process.deps.engine, { wake: async (runId: string) => void woken.push(runId) });
  };
  beforeEach(async () => {
    temp = tempFile();
    world = outside();
    woken = [];
    await begin();
  });
  afterEach(async () => {
    await process.store.close();
    temp.remove();
  });

  /** An approved run, on this item. */
  const approved = async (ciSysId = 'c'.repeat(32)): Promise<string> => {
    const runId = ulid();
    world.incident = f.incident({ ciSysId });
    world.ci = f.ci({ environment: 'test', sysId: ciSysId });
    await process.command(propose, runId);
    await process.command(f.command('approve', f.arne, {}), runId);
    return runId;
  };
  const drive = (runId: string, turns = 1) => process.settle(runId, turns).catch(() => undefined);
  const state = async (runId: string) => stateOf(await process.run(runId));
  const take = async (runId: string) => takeLeases(process.deps, await process.run(runId));
  const launches = (job: string) => [...world.jobs.values()].filter((launch) => launch.job === job);

  it('lets one run at a time work on an item; the other one waits, and says for whom', async () => {
    world.results['recycle'] = 'running';
    const first = await approved();
    const second = await approved();
    await drive(first, 5);
    assert.equal(await state(first), 'remediating');
    await drive(second, 2);
    assert.equal(await state(second), 'approved');
    assert.equal((await process.run(second)).waitsFor, first);
    assert.deepEqual(
      launches('recycle').map((one) => one.runId),
      [first],
    );
    world.results['recycle'] = 'succeeded';
    await process.settle(first);
    assert.deepEqual(woken, [second]);
    await process.settle(second);
    assert.equal((await process.run(second)).closed?.outcome, 'succeeded');
    assert.deepEqual(
      launches('recycle').map((one) => one.runId),
      [first, second],
    );
  });

  it('looks again by itself, should nobody wake it', async () => {
    world.results['recycle'] = 'running';
    const first = await approved();
    const second = await approved();
    await drive(first, 5);
    const { handlers } = await import('../../src/flow/command.ts');
    const next = await handlers(process.deps).drive(second);
    assert.ok(next && next.getTime() - world.now.getTime() <= 30_000);
  });

  it('keeps nobody waiting on another item', async () => {
    world.results['recycle'] = 'running';
    const first = await approved();
    await drive(first, 5);
    const other = await approved('d'.repeat(32));
    await drive(other, 5);
    assert.equal(await state(other), 'remediating');
  });

  it('is taken by one of many who want it at once, and again by the same one', async () => {
    const runs = await Promise.all(Array.from({ length: 8 }, () => approved()));
    const taken = await Promise.all(runs.map(take));
    const [holder = ''] = runs.filter((_, n) => taken[n]?.ok);
    assert.equal(taken.filter((one) => one.ok).length, 1);
    assert.deepEqual(await take(holder), { ok: true });
    for (const [n, one] of taken.entries())
      if (runs[n] !== holder) assert.deepEqual(one, { ok: false, holder, full: false });
  });

  it('outlives the process that held it, and is taken over once its holder has ended', async () => {
    const [first, second] = [await approved(), await approved()];
    assert.deepEqual(await take(first), { ok: true });
    await process.store.close();
    await begin();
    assert.deepEqual(await take(second), { ok: false, holder: first, full: false });
    // its end was stored, and then the process died before it could give the item free
    await process.command(f.command('cancel', f.olivia, { reason: 'gone' }), first);
    assert.ok((await process.run(first)).closed);
    assert.deepEqual(await take(second), { ok: true });
  });

  it('is given free by its holder only', async () => {
    const [first, second] = [await approved(), await approved()];
    await take(first);
    await take(second);
    await releaseLeases(process.deps, await process.run(second));
    assert.deepEqual([await take(second), woken], [{ ok: false, holder: first, full: false }, []]);
    await releaseLeases(process.deps, await process.run(first));
    assert.deepEqual(woken, [second]);
    assert.deepEqual(await take(second), { ok: true });
    await releaseLeases(process.deps, await process.run(first));
    assert.deepEqual(await take(first), { ok: false, holder: second, full: false });
  });

  describe('of an hour', () => {
    const limited = (limits: Readonly<Record<string, number>>): void => {
      Object.assign(process.deps.catalogue, { policy: f.policy({ limits }) });
    };
    const items = [...'abde'].map((name) => name.repeat(32));
    const started = async (): Promise<string[]> => {
      const runs: string[] = [];
      for (const item of items) runs.push(await approved(item));
      return runs;
    };

    for (const limits of [{ perHour: 2 }, { perRunbookPerHour: 2 }])
      it(`lets no more runs begin than ${JSON.stringify(limits)}, however many start at once`, async () => {
        limited(limits);
        const runs = await started();
        const taken = await Promise.all(runs.map(take));
        assert.equal(taken.filter(({ ok }) => ok).length, 2);
        for (const [n, one] of taken.entries()) if (one.ok) assert.deepEqual(await take(runs[n] ?? ''), one);
      });

    it('is kept past the end of a run that changed something, until the hour is over', async () => {
      limited({ perHour: 1 });
      const [first = '', second = ''] = await started();
      world.incident = f.incident({ ciSysId: items[0] ?? '' });
      world.ci = f.ci({ environment: 'test', sysId: items[0] ?? '' });
      await process.settle(first);
      assert.equal((await process.run(first)).closed?.outcome, 'succeeded');
      assert.deepEqual(await take(second), { ok: false, holder: first, full: true });
      // its diagnostics may take five minutes, and the hour begins with the change
      world.now = new Date(world.now.getTime() + 3_600_000);
      assert.equal((await take(second)).ok, false);
      world.now = new Date(world.now.getTime() + 300_000);
      assert.deepEqual(await take(second), { ok: true });
    });

    it('is said to be used up while the run that has it has changed nothing yet', async () => {
      limited({ perHour: 1 });
      world.results['snapshot'] = 'running';
      const [first = '', second = ''] = await started();
      const at = (item = ''): void => {
        world.incident = f.incident({ ciSysId: item });
        world.ci = f.ci({ environment: 'test', sysId: item });
      };
      at(items[0]);
      await drive(first, 2);
      assert.equal(await state(first), 'diagnosing');
      at(items[1]);
      await drive(second, 1);
      assert.equal(await state(second), 'approved');
      assert.match((await process.run(second)).postponed?.reason ?? '', /about to begin/);
      world.results['snapshot'] = 'failed';
      at(items[0]);
      await process.settle(first);
      at(items[1]);
      await process.settle(second, 2).catch(() => undefined);
      assert.ok((await process.run(second)).steps.length > 0);
    });

    it('is given back by a run that changed nothing', async () => {
      limited({ perHour: 1 });
      const [first = '', second = ''] = await started();
      await take(first);
      assert.equal((await take(second)).ok, false);
      await process.command(f.command('cancel', f.olivia, { reason: 'gone' }), first);
      await releaseLeases(process.deps, await process.run(first));
      assert.deepEqual(await take(second), { ok: true });
    });
  });

  it('wakes everybody who waits, each once', async () => {
    const [first, ...others] = await Promise.all([approved(), approved(), approved(), approved()]);
    for (const runId of [first, ...others, ...others]) await take(runId);
    await releaseLeases(process.deps, await process.run(first));
    assert.deepEqual([...woken].sort(), [...others].sort());
    const waiting = await process.deps.state.list({ where: { kind: 'lease-wait' }, limit: 10 });
    assert.deepEqual(waiting.items, []);
  });
});
