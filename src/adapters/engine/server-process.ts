import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

export type ServerProcess = {
  /** Starts the binary. Its output goes to `<dir>/restate.log`. */
  boot(): void;
  /** True while our child runs, or the server that an earlier process of ours left behind. */
  alive(): boolean;
  signal(signal: 'SIGTERM' | 'SIGKILL'): void;
  /** Forgets the process when it has ended for good. */
  forget(): void;
};

const biggestLogBytes = 10 * 1024 * 1024;

/** Guards against a process id that the operating system has given to somebody else since. */
function isServer(pid: number, name: string): boolean {
  if (process.platform !== 'linux') {
    const ps = spawnSync('ps', ['-o', 'comm=', '-p', String(pid)], { encoding: 'utf8', timeout: 2000 });
    return ps.status === 0 && ps.stdout.includes(name);
  }
  try {
    return readlinkSync(`/proc/${pid}/exe`).includes(name);
  } catch {
    return false;
  }
}

function openLog(dir: string): number {
  const path = join(dir, 'restate.log');
  if (existsSync(path) && statSync(path).size > biggestLogBytes) renameSync(path, `${path}.1`);
  return openSync(path, 'a', 0o600);
}

/** The server as an operating system process, found again by its pid file after a kill -9 of the process that started it. */
export function serverProcess(options: {
  readonly dir: string;
  readonly binary: string;
  readonly environment: Readonly<Record<string, string>>;
  onExit(how: string): void;
}): ServerProcess {
  const { dir, binary, environment, onExit } = options;
  const pidFile = join(dir, 'restate.pid');
  let child: ChildProcess | undefined;

  function orphan(): number | undefined {
    if (!existsSync(pidFile)) return undefined;
    const pid = Number.parseInt(readFileSync(pidFile, 'utf8'), 10);
    return pid > 1 && isServer(pid, 'restate-server') ? pid : undefined;
  }

  function ended(how: string): void {
    child = undefined;
    onExit(how);
  }

  return {
    boot() {
      const log = openLog(dir);
      // Detached, so that a Ctrl-C in the terminal reaches only us and we end the server in order.
      const started = spawn(binary, ['--no-logo'], {
        stdio: ['ignore', log, log],
        env: { ...environment },
        cwd: dir,
        detached: true,
      });
      closeSync(log);
      child = started;
      if (started.pid !== undefined) writeFileSync(pidFile, String(started.pid), { mode: 0o600 });
      started.once('error', (error) => ended(error.message));
      started.once('exit', (code, signal) => ended(signal ?? `exit code ${code}`));
    },
    alive: () => child !== undefined || orphan() !== undefined,
    signal(signal) {
      const pid = child?.pid ?? orphan();
      if (pid !== undefined) process.kill(pid, signal);
    },
    forget: () => rmSync(pidFile, { force: true }),
  };
}
