import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../domain/errors.ts';

const pollMs = 100;
const pingLimitMs = 2_000;

async function answersPing(port: number): Promise<boolean> {
  const ping = fetch(`http://127.0.0.1:${port}/_debug/ping`, { signal: AbortSignal.timeout(pingLimitMs) });
  return ping.then(
    async (response) => (await response.text()) === 'pong',
    () => false,
  );
}

function announcedPort(logFile: string): number | undefined {
  const announced = /Listening on (\d+)/.exec(fs.readFileSync(logFile, 'utf8'))?.[1];
  return announced === undefined ? undefined : Number(announced);
}

/**
 * The port the playground got, as soon as it answers there. It announces the port in its output; when the one
 * asked for is taken it is another. Throws when the process has ended, or after `limitMs`.
 */
export async function whenListening(watched: {
  readonly logFile: string;
  readonly ended: Promise<void>;
  readonly limitMs: number;
}): Promise<number> {
  const end = watched.ended.then(() => 'ended' as const);
  const deadline = Date.now() + watched.limitMs;
  while (Date.now() < deadline) {
    const port = announcedPort(watched.logFile);
    if (port !== undefined && (await answersPing(port))) return port;
    if ((await Promise.race([end, sleep(pollMs)])) === 'ended') throw new Error('the playground ended');
  }
  throw new Error(`the playground was not ready after ${watched.limitMs / 1000} s`);
}

/** The last lines of a file, or why they cannot be shown. */
export function tailOf(file: string, lines = 15): string {
  try {
    return fs.readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  } catch (error) {
    return messageOf(error);
  }
}
