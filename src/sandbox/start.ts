import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError, messageOf } from '../domain/errors.ts';
import { playgroundWorld, roles } from './people.ts';
import { startPlayground } from './playground/start.ts';
import { incidents } from './seed.ts';
import { freeOrAny, startWorld } from './world.ts';

/** `npm start`: the simulated world, Handrail as its own process, and Microsoft's client. One command, loopback only. */
async function start(): Promise<void> {
  const data = process.env['HANDRAIL_DATA'] ?? '.data';
  const botPort = Number(process.env['PORT'] ?? (await freeOrAny(3978))) || (await anyPort());
  const bot = `http://127.0.0.1:${botPort}`;
  const world = await startWorld({
    directory: join(data, 'sandbox'),
    eventsUrl: `${bot}/api/servicenow/events`,
    preferredPort: 4500,
  });
  const playground = await startPlayground({
    botUrl: `${bot}/api/messages`,
    port: Number(process.env['PLAYGROUND_PORT'] ?? 56150),
    directory: join(data, 'playground'),
    open: process.env['NO_OPEN'] === undefined,
    world: playgroundWorld,
  });
  const handrail = spawn(process.execPath, [fileURLToPath(new URL('../main.ts', import.meta.url))], {
    env: {
      ...process.env,
      ...world.environment,
      HANDRAIL_DATA: data,
      PORT: String(botPort),
      MICROSOFT_APP_ID: playgroundWorld.bot.id.replace('28:', ''),
      TEAMS_SERVICE_URL: `http://localhost:${playground.port}/_connector`,
    },
    stdio: 'inherit',
  });
  let ending = false;
  const end = async (code: number): Promise<void> => {
    if (ending) return;
    ending = true;
    await stopped(handrail);
    await playground.stop();
    await world.close();
    process.exit(code);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void end(0).catch(die));
  handrail.on('exit', (code) => void end(code ?? 1).catch(die));
  await ready(bot, handrail);
  process.stdout.write(greeting(playground.url, world.info.servicenow, world.info.site));
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

/** A free port is needed before the bot starts, because ServiceNow and the client have to know it. */
async function anyPort(): Promise<number> {
  for (let port = 3979; port < 4079; port++) if ((await freeOrAny(port)) === port) return port;
  throw new AppError({
    code: 'config-invalid',
    message: 'no free port for the bot',
    fix: 'Set PORT to a free port.',
  });
}

function die(error: unknown): void {
  process.stderr.write(`${messageOf(error)}\n${error instanceof AppError ? `${error.fix}\n` : ''}`);
  process.exit(1);
}

start().catch(die);
