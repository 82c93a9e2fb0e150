import assert from 'node:assert/strict';
import { AppError } from '../../src/domain/errors.ts';
import { sha256 } from '../../src/domain/json.ts';
import type { ProbeSpec } from '../../src/domain/probe.ts';
import { recordLines } from '../../src/domain/record.ts';
import type { Catalogue } from '../../src/flow/deps.ts';
import { readEvidence } from '../../src/flow/evidence.ts';
import type { Probe } from '../../src/ports.ts';
import * as f from '../fakes/domain.ts';
import { type Outside, outside, type Process, propose, startProcess, tempFile } from '../fakes/flow.ts';

const check = { at: '2026-11-22T09:00:00.000Z', ok: false, status: 503, ms: 3, why: 'status 503' };

describe('how a service was before the run', () => {
  let temp: ReturnType<typeof tempFile>;
  let world: Outside;
  let process: Process;
  let looks: { probe: ProbeSpec; launched: number }[];
  const run = async (before: () => ReturnType<Probe['check']>, catalogue?: Catalogue) => {
    const probe: Probe = {
      check: async (one) => {
        looks.push({ probe: one, launched: world.jobs.size });
        return world.jobs.size === 0 ? before() : { healthy: true, summary: 'well again', checks: [] };
      },
    };
    process = await startProcess(world, temp.file, { probe, ...(catalogue ? { catalogue } : {}) });
    await process.command(propose);
    await process.command(f.command('approve', f.arne, {}));
    await process.settle();
    return process.run();
  };
  const verdict = async () =>
    (await process.run()).entries.flatMap((e) =>
      e.type === 'step-finished' && e.data.phase === 'verification' ? [e.data] : [],
    )[0] ?? assert.fail('nothing was verified');
  const ill = async () => ({ healthy: false, summary: 'answers 503', checks: [check] });
  beforeEach(() => {
    temp = tempFile();
    world = outside();
    looks = [];
  });
  afterEach(async () => {
    await process.store.close();
    temp.remove();
  });

  it('is looked at once, quickly, before anything is launched, and stands beside the verdict', async () => {
    const { entries, closed } = await run(ill);
    assert.equal(closed?.outcome, 'succeeded');
    const [before, after] = looks;
    assert.ok(before && 'http' in before.probe && after && 'http' in after.probe);
    assert.deepEqual([before.launched, after.launched, looks.length], [0, 2, 2]);
    assert.deepEqual(before.probe.http, { ...after.probe.http, attempts: 1, successes: 1 });
    const { baseline, detail } = await verdict();
    assert.deepEqual([baseline?.summary, detail], ['answers 503', 'well again']);
    const text = await readEvidence(process.deps, baseline?.evidence.ref ?? '');
    assert.equal(text, `answers 503\n${JSON.stringify(check)}`);
    assert.equal(baseline?.evidence.sha256, sha256(text));
    const line = recordLines(entries).find((one) => one.includes('verification answers succeeded'));
    assert.match(line ?? '', /; before the run: answers 503, sha256 [0-9a-f]{64}$/);
    assert.equal((await process.store.verify(f.RUN)).ok, true);
  });

  it('is looked at as a device too, whose state nobody can read afterwards', async () => {
    const device = { device: '0d1f0000-0000-4000-8000-000000000001', every: '30s' };
    const verification = [{ id: 'answers', title: 'Compliant', deviceCompliance: device }];
    const job = (id: string) => [{ id, title: id, target: 'ops', job: id }];
    const loaded = f.runbook({
      steps: { diagnostics: job('snapshot'), remediation: job('recycle-pool'), verification },
    });
    await run(ill, { runbooks: new Map([['recycle', loaded]]), policy: f.policy() });
    assert.deepEqual(
      looks.map(({ probe, launched }) => ['deviceCompliance' in probe, launched]),
      [
        [true, 0],
        [true, 2],
      ],
    );
    assert.equal((await verdict()).baseline?.summary, 'answers 503');
  });

  it('holds up nothing when it cannot be seen', async () => {
    const { closed } = await run(async () => {
      throw new AppError({ code: 'probe-refused', message: 'not on the list', fix: 'Add it.' });
    });
    assert.equal(closed?.outcome, 'succeeded');
    assert.equal('baseline' in (await verdict()), false);
  });

  it('decides nothing: a service that was well before is verified all the same', async () => {
    await run(async () => ({ healthy: true, summary: 'well before', checks: [] }));
    const { result, baseline } = await verdict();
    assert.deepEqual([result, baseline?.summary], ['succeeded', 'well before']);
  });
});
