import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { azureAutomationTarget } from '../../../src/adapters/automation/azure-automation.ts';
import { faultControl } from '../../../src/sandbox/ops-api/faults.ts';
import { account, quick } from '../../adapters/automation/azure-automation-world.ts';
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

describe('The simulated Automation account after kill -9', () => {
  let folder: string;
  let stateFile: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'azure-crash-'));
    stateFile = join(folder, 'jobs.jsonl');
  });
  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL');
    await rm(folder, { recursive: true });
  });

  it('knows every job it acknowledged, starts none of them again, and says that it was cut off', async () => {
    const first = await start(stateFile);
    const target = azureAutomationTarget(quick(first.url));
    const launches = Array.from({ length: 10 }, () => launchOf('Wait'));
    await Promise.all(launches.map((launch) => target.launch(launch)));
    await kill(first.child);

    const second = await start(stateFile);
    const again = azureAutomationTarget(quick(second.url));
    for (const launch of launches) {
      const found = await again.find(launch.executionId);
      assert.equal(found?.state, 'canceled');
      assert.match(found?.detail ?? '', /evicted/);
      assert.equal((await again.launch(launch)).state, 'canceled', 'a repeat starts nothing');
    }
  });

  it('has started nothing when it died before it took the launch, and one job when it died after', async () => {
    const first = await start(stateFile);
    const target = azureAutomationTarget(quick(first.url, { attempts: 1 }));
    const [lost, kept] = [launchOf('Wait'), launchOf('Wait')];
    await faultControl(first.url).arm({ method: 'PUT', dropAnswer: true });
    assert.equal((await refused(target.launch(kept), 'target-unreachable')).maybeApplied, true);
    await faultControl(first.url).arm({ method: 'PUT', commitLatencyMs: 60_000 });
    const open = refused(target.launch(lost), 'target-unreachable');
    for (let n = 0; n < 500; n += 1) {
      const requests = await faultControl(first.url).requests();
      if (requests[`PUT ${account}/jobs/:job`] === 2) break;
    }
    await kill(first.child);
    assert.equal((await open).maybeApplied, true);

    const second = await start(stateFile);
    const again = azureAutomationTarget(quick(second.url));
    assert.equal(await again.find(lost.executionId), undefined);
    assert.equal((await again.find(kept.executionId))?.externalId, kept.executionId);
  });
});
