import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** The process id of the Restate server on a data folder, also when its bot is gone; undefined when none runs. */
export function serverOf(data: string): number | undefined {
  const file = join(data, 'restate', 'restate.pid');
  if (!existsSync(file)) return undefined;
  const pid = Number(readFileSync(file, 'utf8'));
  return pid > 1 && isRestate(pid) ? pid : undefined;
}

/** The number may belong to somebody else by now. */
function isRestate(pid: number): boolean {
  if (process.platform !== 'linux')
    return spawnSync('ps', ['-o', 'comm=', '-p', String(pid)])
      .stdout.toString()
      .includes('restate-server');
  try {
    return readlinkSync(`/proc/${pid}/exe`).includes('restate-server');
  } catch {
    return false;
  }
}

export function killServer(data: string): void {
  const pid = serverOf(data);
  if (pid !== undefined) process.kill(pid, 'SIGKILL');
}
