import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { opsApi } from '../../../src/adapters/automation/ops-api.ts';
import { quick } from '../../adapters/automation/ops-api-world.ts';
import { launchOf } from '../../contract/target.ts';

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

describe('The simulated ops-runbook API after kill -9', () => {
  after(() => {
    for (const child of children) child.kill('SIGKILL');
  });

  it('knows every run it acknowledged, starts none a second time, and says what was interrupted', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ops-crash-'));
    const stateFile = join(folder, 'runs.jsonl');
    const first = await start(stateFile);
    const launches = Array.from({ length: 20 }, () => launchOf('waits'));
    const target = opsApi(quick(first.url, { token: 'ops' }));
    const statuses = await Promise.all(launches.map((launch) => target.launch(launch)));
    await kill(first.child);

    const second = await start(stateFile);
    const again = opsApi(quick(second.url, { token: 'ops' }));
    const replayed = await Promise.all(launches.map((launch) => again.launch(launch)));
    assert.deepEqual(
      replayed.map(({ externalId, state, detail }) => ({ externalId, state, detail })),
      statuses.map(({ externalId }) => ({ externalId, state: 'failed', detail: 'interrupted by a restart' })),
    );
    await kill(second.child);
    await rm(folder, { recursive: true });
  });
});
