import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError, messageOf } from '../domain/errors.ts';
import { freeOrAny } from './kept.ts';
import { playgroundWorld, roles } from './people.ts';
import { startPlayground } from './playground/start.ts';
import { incidents } from './seed.ts';
import { startWorld } from './world.ts';

/** `npm start`: the simulated world, Handrail as its own process, and Microsoft's client. One command, loopback only. */
async function start(): Promise<void> {
  const data = process.env['HANDRAIL_DATA'] ?? '.data';
  // both have to be known to the others before they start
  const botPort = await portFor(process.env['PORT'], 3978);
  const pagePort = await portFor(process.env['PLAYGROUND_PORT'], 56150);
  const bot = `http://127.0.0.1:${botPort}`;
  const world = await startWorld({
    directory: join(data, 'sandbox'),
    eventsUrl: `${bot}/api/servicenow/events`,
    preferredPort: 4500,
  });
  const handrail = spawn(process.execPath, [fileURLToPath(new URL('../main.ts', import.meta.url))], {
    env: {
      ...process.env,
      ...world.environment,
      HANDRAIL_DATA: data,
      PORT: String(botPort),
      MICROSOFT_APP_ID: playgroundWorld.bot.id.replace('28:', ''),
      TEAMS_SERVICE_URL: `http://localhost:${pagePort}/_connector`,
    },
    stdio: 'inherit',
  });
  // started beside the bot, because each takes seconds to load
  const playground = startPlayground({
    botUrl: `${bot}/api/messages`,
    port: pagePort,
    directory: join(data, 'playground'),
    open: process.env['NO_OPEN'] === undefined,
    world: playgroundWorld,
  });
  let ending = false;
  const end = async (code: number): Promise<void> => {
    if (ending) return;
    ending = true;
    await stopped(handrail);
    await playground.then((page) => page.stop()).catch(() => undefined);
    await world.close();
    process.exit(code);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void end(0).catch(die));
  handrail.on('exit', (code) => void end(code ?? 1).catch(die));
  const [page] = await Promise.all([playground, ready(bot, handrail)]).catch(async (error: unknown) => {
    process.stderr.write(saidOf(error));
    await end(1);
    throw error;
  });
  process.stdout.write(greeting(page.url, world.info.servicenow, world.info.site));
}

function greeting(page: string, servicenow: string, site: string): string {
  return [
    '',
    `Handrail is up. Nothing but this machine can reach it.`,
    '',
    `  Teams client   ${page}    (open it; then look at Operations > incidents)`,
    `  ServiceNow     ${servicenow}    (simulated: incidents, work notes, attachments)`,
    `  Web shop       ${site}/shop/health    (200 when it is well)`,
    '',
    'Break something, in another terminal:',
    ...Object.entries(incidents).map(
      ([name, { about }]) => `  npm run incident -- ${name.padEnd(28)} ${about}`,
    ),
    '',
    'You are Olivia. The others:',
    ...roles.slice(1).map(({ person, role }) => `  ${person.name.padEnd(16)} ${role}`),
    '',
    'The page is the Microsoft 365 Agents Playground; its licence allows evaluation only. Ctrl-C ends everything.',
    '',
  ].join('\n');
}

async function ready(url: string, handrail: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 600 && handrail.exitCode === null; tries++) {
    const up = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) }).then(
      (r) => r.ok,
      () => false,
    );
    if (up) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new AppError({
    code: 'config-invalid',
    message: 'Handrail did not come up',
    fix: 'Read its message above.',
  });
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  await gone;
}

/** The port that was asked for or is usual, when it is free; otherwise any. */
async function portFor(asked: string | undefined, usual: number): Promise<number> {
  const port = Number(asked ?? (await freeOrAny(usual)));
  if (port !== 0) return port;
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port: free } = probe.address() as AddressInfo;
  await new Promise((closed) => probe.close(closed));
  return free;
}

const saidOf = (error: unknown): string =>
  `${messageOf(error)}\n${error instanceof AppError ? `${error.fix}\n` : ''}`;

function die(error: unknown): void {
  process.stderr.write(saidOf(error));
  process.exit(1);
}

start().catch(die);
