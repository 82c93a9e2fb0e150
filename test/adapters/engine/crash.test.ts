import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../../fakes/engine-handlers.ts';
import { type FileLog, fileLog } from '../../fakes/engine-log.ts';

const program = join(import.meta.dirname, '../../fakes/engine-host.ts');
const runId = 'run-1';

describe('a run in the middle of a drive', function () {
  // Each test starts two processes and up to two servers.
  this.timeout(60_000);
  let dir: string;
  let log: FileLog;
  let host: ChildProcess | undefined;
  const serverPid = (): number => Number(readFileSync(join(dir, 'r/restate.pid'), 'utf8'));
  const by = (process: ChildProcess): number =>
    log.lines(runId).filter((line) => line === `step ${process.pid}`).length;
  const hasEnded = (): boolean => log.lines(runId).includes('ended');

  async function started(kind: 'local' | 'restate', submit?: string): Promise<ChildProcess> {
    const child = fork(program, [kind, dir, ...(submit === undefined ? [] : [submit])], { silent: true });
    host = child;
    const exited = once(child, 'exit').then(() => assert.fail('the host has exited before it was ready'));
    await Promise.race([once(child, 'message'), exited]);
    return child;
  }

  async function stopped(child: ChildProcess): Promise<void> {
    child.send('stop');
    await once(child, 'exit');
  }

  async function killedInDrive(child: ChildProcess, also?: number): Promise<void> {
    const steps = log.lines(runId).length;
    await until('a drive has begun', () => log.lines(runId).length > Math.max(2, steps));
    child.kill('SIGKILL');
    if (also !== undefined) process.kill(also, 'SIGKILL');
    await once(child, 'exit');
    assert.equal(hasEnded(), false);
  }

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'hr-'));
    log = fileLog(join(dir, 'log'));
  });
  afterEach(() => {
    if (host?.exitCode === null && host.signalCode === null) host.kill('SIGKILL');
    if (existsSync(join(dir, 'r/restate.pid'))) process.kill(serverPid(), 'SIGKILL');
    rmSync(dir, { recursive: true, force: true });
  });

  it('goes on to its end on the local engine after a kill -9', async () => {
    await killedInDrive(await started('local', runId));
    const second = await started('local');
    await until('the run has ended', hasEnded);
    assert.ok(by(second) > 0);
    await stopped(second);
  });

  it('goes on to its end when the host of a Restate engine is killed, on the server that is still there', async () => {
    await killedInDrive(await started('restate', runId));
    const orphan = serverPid();
    const second = await started('restate');
    assert.equal(serverPid(), orphan);
    await until('the run has ended', hasEnded);
    assert.ok(by(second) > 0);
    await stopped(second);
    assert.equal(existsSync(join(dir, 'r/restate.pid')), false);
  });

  it('goes on to its end when the Restate server is killed', async () => {
    const child = await started('restate', runId);
    await until('a drive has begun', () => log.lines(runId).length > 2);
    const killed = serverPid();
    process.kill(killed, 'SIGKILL');
    await until('the run has ended', hasEnded);
    assert.notEqual(serverPid(), killed);
    await stopped(child);
  });

  it('goes on to its end when both are killed', async () => {
    const first = await started('restate', runId);
    await killedInDrive(first, serverPid());
    const second = await started('restate');
    await until('the run has ended', hasEnded);
    assert.ok(by(second) > 0);
    await stopped(second);
  });
});
