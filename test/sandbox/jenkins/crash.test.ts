import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { jenkinsTarget } from '../../../src/adapters/automation/jenkins.ts';
import type { Target } from '../../../src/ports.ts';
import { faultControl } from '../../../src/sandbox/ops-api/faults.ts';
import { quick } from '../../adapters/automation/jenkins-world.ts';
import { launchOf, refused } from '../../contract/target.ts';

const script = fileURLToPath(new URL('crashing-server.ts', import.meta.url));
const children: ChildProcess[] = [];

async function start(stateFile: string): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [script, stateFile], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, url: line.toString().trim() };
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

async function running(target: Target, externalId: string): Promise<void> {
  for (let n = 0; n < 500; n += 1) if ((await target.poll(externalId)).state === 'running') return;
  assert.fail(`${externalId} does not run`);
}

describe('The simulated Jenkins after kill -9', () => {
  let folder: string;
  let stateFile: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'jenkins-crash-'));
    stateFile = join(folder, 'builds.jsonl');
  });
  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL');
    await rm(folder, { recursive: true });
  });

  it('knows every build that began, calls it failed, and has lost its queue', async () => {
    const first = await start(stateFile);
    const target = jenkinsTarget(quick(first.url));
    const launches = Array.from({ length: 5 }, () => launchOf('wait'));
    const told = await Promise.all(launches.map((launch) => target.launch(launch)));
    for (const { externalId } of told) await running(target, externalId);
    const [alone, queued] = [launchOf('alone'), launchOf('alone')];
    await running(target, (await target.launch(alone)).externalId);
    const lost = await target.launch(queued);
    await kill(first.child);

    const second = await start(stateFile);
    const again = jenkinsTarget(quick(second.url));
    for (const [n, { executionId }] of launches.entries()) {
      const found = await again.find(executionId);
      assert.deepEqual([found?.externalId, found?.state], [told[n]?.externalId, 'failed']);
    }
    assert.equal(await again.find(queued.executionId), undefined);
    assert.equal((await again.poll(lost.externalId)).state, 'unknown');
  });

  it('has started nothing when it died before it took the launch, and one build when it died after', async () => {
    const first = await start(stateFile);
    const target = jenkinsTarget(quick(first.url, { attempts: 1 }));
    const [lost, kept] = [launchOf('wait'), launchOf('wait')];
    const faults = faultControl(first.url);
    await faults.arm({ method: 'POST', dropAnswer: true });
    assert.equal((await refused(target.launch(kept), 'target-unreachable')).maybeApplied, true);
    assert.equal((await target.find(kept.executionId))?.externalId, `queue/1/${kept.executionId}/wait`);
    await faults.arm({ method: 'POST', commitLatencyMs: 60_000 });
    const open = refused(target.launch(lost), 'target-unreachable');
    for (let n = 0; n < 500; n += 1)
      if ((await faults.requests())['POST /job/wait/buildWithParameters'] === 2) break;
    await kill(first.child);
    assert.equal((await open).maybeApplied, true);

    const second = await start(stateFile);
    const again = jenkinsTarget(quick(second.url));
    assert.equal(await again.find(lost.executionId), undefined);
    assert.equal((await again.find(kept.executionId))?.externalId, `queue/1/${kept.executionId}/wait`);
  });
});
