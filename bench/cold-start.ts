import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, startHandrail, stopped, type World, whenReady } from './processes.ts';

const idleMs = 5_000;

/** Milliseconds from `npm start` in an installed checkout, with an empty data folder, until the bot says it is ready. */
export async function coldStart(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'handrail-cold-'));
  const [port, playground] = [await freePort(), await freePort()];
  const began = performance.now();
  const child = spawn('npm', ['start', '--silent'], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: {
      ...process.env,
      HANDRAIL_DATA: folder,
      NO_OPEN: '1',
      PORT: String(port),
      PLAYGROUND_PORT: String(playground),
    },
    stdio: 'ignore',
    shell: process.platform === 'win32',
    // a group of its own: npm's shell hands no signal on, so the whole group gets it
    detached: process.platform !== 'win32',
  });
  try {
    await whenReady(`http://127.0.0.1:${port}`, child, 'npm start');
    return performance.now() - began;
  } finally {
    if (child.pid !== undefined && process.platform !== 'win32') process.kill(-child.pid, 'SIGTERM');
    await stopped(child);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The bot's own process: milliseconds until it is ready, and its memory after five seconds without work. */
export async function idleBot(world: World, secret: string): Promise<{ readyMs: number; rssMb: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'handrail-idle-'));
  const bot = await startHandrail(world, folder, { engine: 'local', secret });
  try {
    await new Promise((wake) => setTimeout(wake, idleMs));
    return { readyMs: bot.startedInMs, rssMb: (await bot.meter()).rssMb };
  } finally {
    await bot.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
