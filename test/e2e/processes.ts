import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { eventually } from './eventually.ts';

const root = path.resolve(import.meta.dirname, '../..');
const startLimitMs = 120_000;
const stopLimitMs = 20_000;

export type Started = { readonly child: ChildProcess; readonly log: string };

/** A port nobody listens on right now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts one of our scripts as its own process; what it prints is added to `log`. Waits until that says `ready`. */
export async function startScript(
  script: string,
  env: Readonly<Record<string, string>>,
  log: string,
  ready: string,
): Promise<Started> {
  const before = sizeOf(log);
  const out = openSync(log, 'a');
  const child = spawn(process.execPath, [path.join(root, script)], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', out, out],
  });
  closeSync(out);
  const printed = () => readFileSync(log, 'utf8').slice(before);
  await eventually(() => {
    if (printed().includes(ready)) return;
    throw new Error(`${script} is not ready:\n${printed()}`);
  }, startLimitMs).catch(async (error: unknown) => {
    await stop(child);
    throw error;
  });
  return { child, log };
}

const sizeOf = (file: string): number => {
  closeSync(openSync(file, 'a'));
  return readFileSync(file, 'utf8').length;
};

/** Ends a process by a signal and waits for it; what does not end is killed. Answers its exit code, if it had one. */
export async function stop(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const gone = new Promise<number | null>((resolve) => child.once('exit', resolve));
  child.kill(signal);
  const force = setTimeout(() => child.kill('SIGKILL'), stopLimitMs);
  const code = await gone;
  clearTimeout(force);
  return code;
}

/** Runs a command of `npm run handrail`; answers what it printed. */
export async function handrail(data: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [path.join(root, 'src/cli.ts'), ...args], {
    cwd: root,
    env: { ...process.env, HANDRAIL_DATA: data },
  });
  return stdout;
}
