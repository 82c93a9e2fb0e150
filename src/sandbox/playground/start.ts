// Microsoft's licence for the Agents Playground allows evaluation and feedback only. It is a pinned development
// dependency that everybody fetches from Microsoft's npm package themselves: it is never vendored, changed,
// shipped with Handrail, or needed in production.
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { AppError, messageOf } from '../../domain/errors.ts';
import { pathWithOpener } from './opener.ts';
import { tailOf, whenListening } from './ready.ts';
import type { PlaygroundWorld } from './world.ts';
import { playgroundFile } from './world.ts';

export type PlaygroundOptions = {
  /** Where the bot receives activities, e.g. http://127.0.0.1:3978/api/messages. It may start later. */
  readonly botUrl: string;
  /** The port to ask for; when it is taken the playground picks another. */
  readonly port: number;
  /** An own directory for this playground's settings and logs. Two playgrounds must not share one. */
  readonly directory: string;
  /** Whether to open the page in a browser. Not opening it works on Linux and macOS. */
  readonly open: boolean;
  readonly world: PlaygroundWorld;
};

export type RunningPlayground = {
  /** The page for people. */
  readonly url: string;
  readonly port: number;
  readonly logFile: string;
  /** Settles when the playground has ended, by `stop` or by itself. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
};

const startLimitMs = 60_000;
const stopLimitMs = 5_000;

function playgroundScript(): string {
  try {
    return createRequire(import.meta.url).resolve('@microsoft/m365agentsplayground/cli.js');
  } catch (cause) {
    throw new AppError({
      code: 'config-invalid',
      message: 'the Microsoft 365 Agents Playground is not installed',
      fix: 'Install the development dependencies: npm install --include=dev.',
      cause,
    });
  }
}

function launch({ botUrl, port, directory, open }: PlaygroundOptions, logFile: string): ChildProcess {
  const preload = new URL('./loopback-preload.ts', import.meta.url).href;
  const flags = ['-e', botUrl, '-c', 'msteams', '-p', String(port), '--disable-telemetry'];
  const env = {
    ...process.env,
    PATH: pathWithOpener(process.env['PATH'] ?? '', path.join(directory, 'bin'), open),
    // --disable-telemetry alone leaves the statistics of the Application Insights SDK on.
    APPLICATION_INSIGHTS_NO_STATSBEAT: '1',
  };
  const log = fs.openSync(logFile, 'w');
  try {
    return spawn(process.execPath, ['--import', preload, playgroundScript(), ...flags], {
      cwd: directory,
      env,
      stdio: ['ignore', log, log],
    });
  } finally {
    fs.closeSync(log);
  }
}

/** What it says of a bad settings file stands only in its own log under devTools. */
function failure(directory: string, logFile: string, cause: unknown): AppError {
  const ownLog = path.join(directory, 'devTools', 'm365agentsplayground.log');
  return new AppError({
    code: 'chat-unreachable',
    message: `the Agents Playground did not start: ${messageOf(cause)}\n${tailOf(logFile)}\n${tailOf(ownLog)}`,
    fix: `Look at the end of ${ownLog} and ${logFile} for the reason, then start again.`,
    retryable: true,
    cause,
  });
}

/** Asks the playground to end, and makes it after five seconds. */
async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), stopLimitMs);
  await ended;
  clearTimeout(force);
}

/**
 * Starts the Agents Playground on 127.0.0.1 as a Teams-like client for the bot, with our people, team and chats.
 * Resolves when its page answers. Throws AppError with the end of its log when it ends before or takes too long.
 */
export async function startPlayground(options: PlaygroundOptions): Promise<RunningPlayground> {
  fs.mkdirSync(options.directory, { recursive: true });
  fs.writeFileSync(path.join(options.directory, '.m365agentsplayground.yml'), playgroundFile(options.world));
  const logFile = path.join(options.directory, 'playground.log');
  const child = launch(options, logFile);
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  });
  const killWithUs = () => child.kill('SIGTERM');
  process.once('exit', killWithUs);
  void ended.then(() => process.off('exit', killWithUs));
  try {
    const port = await whenListening({ logFile, ended, limitMs: startLimitMs });
    return { url: `http://localhost:${port}`, port, logFile, ended, stop: () => stop(child, ended) };
  } catch (cause) {
    await stop(child, ended);
    throw failure(options.directory, logFile, cause);
  }
}
