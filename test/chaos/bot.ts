import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Message, Order } from './points.ts';
import { killServer } from './server.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const dying = fileURLToPath(new URL('dying.ts', import.meta.url));
/** A start takes longest where nothing is compiled yet and everybody else is busy too. */
const startWithinMs = 60_000;

export type Bot = {
  readonly pid: number;
  /** Its address, once it is up. Rejects with its last words when it ends before that. */
  readonly ready: Promise<string>;
  /** Resolves when the process is gone. */
  readonly gone: Promise<unknown>;
  /** What it wrote to its log last. */
  lastWords(): string;
  /** Kills these processes when the point is reached. */
  arm(order: Order): Promise<void>;
  kill(): Promise<void>;
};

export type BotOptions = {
  readonly data: string;
  readonly environment: Readonly<Record<string, string>>;
  /** What was stored in one transaction, a label an item. */
  stored(labels: readonly string[]): void;
  /** A point was reached that left this process alive. */
  fired(): void;
};

/** So that only the first of many starts compiles everything. */
const compiled = mkdtempSync(join(tmpdir(), 'hc-compiled-'));
/** Processes and their data folders. Whatever ends the test run, no bot and no server of a bot stays behind. */
const living = new Map<ChildProcess, string>();
process.once('exit', () => {
  for (const [child, data] of living) {
    child.kill('SIGKILL');
    killServer(data);
  }
  rmSync(compiled, { recursive: true, force: true });
});

/** Starts Handrail as its own process. */
export function startBot({ data, environment, stored, fired }: BotOptions): Bot {
  const child = spawn(process.execPath, ['--import', dying, main], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: {
      PATH: process.env['PATH'] ?? '',
      NODE_COMPILE_CACHE: compiled,
      ...environment,
      HANDRAIL_DATA: data,
      PORT: '0',
    },
  });
  living.set(child, data);
  const limit = setTimeout(() => child.kill('SIGKILL'), startWithinMs);
  let words = '';
  const lastWords = (): string => words.split('\n').slice(-20).join('\n');
  const gone = once(child, 'exit').then(() => living.delete(child));
  const ready = Promise.withResolvers<string>();
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    words += chunk;
    const url = /Handrail is ready url=(\S+)\s/.exec(words)?.[1];
    if (url !== undefined) ready.resolve(url);
  });
  void gone.then(() => ready.reject(new Error(`Handrail did not come up:\n${lastWords()}`)));
  ready.promise.then(
    () => clearTimeout(limit),
    () => clearTimeout(limit),
  );
  const armed: (() => void)[] = [];
  child.on('message', (message: Message) => {
    if ('stored' in message) stored(message.stored);
    else if ('fired' in message) fired();
    else armed.shift()?.();
  });
  return {
    pid: child.pid ?? 0,
    ready: ready.promise,
    gone,
    lastWords,
    async arm(order) {
      const heard = new Promise<void>((resolve) => armed.push(resolve));
      child.send(order);
      await Promise.race([heard, gone]);
    },
    async kill() {
      child.kill('SIGKILL');
      await gone;
    },
  };
}
