/**
 * npm run bench [-- --rounds 3 --concurrency 1,16,128 --job-ms 0 --no-restate --no-cold --json file]
 * Drives incidents from their event to their end against a bare server and Handrail, in turns, and prints the figures.
 * It reports and never judges: the exit code is 0 whatever they are.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { coldStart, idleBot } from './cold-start.ts';
import { driver } from './drive.ts';
import { evaluation } from './evaluate.ts';
import { median, type Round } from './figures.ts';
import { type Subject, startBare, startHandrail, startWorld, type World } from './processes.ts';
import { type Report, report, textOf } from './report.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    concurrency: { type: 'string', default: '1,16,128' },
    'job-ms': { type: 'string', default: '0' },
    'no-restate': { type: 'boolean', default: false },
    'no-cold': { type: 'boolean', default: false },
    json: { type: 'string' },
    /** A folder: Handrail on the local engine runs under the CPU profiler and leaves its profile there. */
    profile: { type: 'string' },
  },
});

/** How many incidents a round brings to their end: enough for each of the concurrent ones to have several turns. */
const incidentsAt = (concurrency: number): number => Math.max(30, 4 * concurrency);
const warmUp = { concurrency: 16, count: 256 };

type Driver = ReturnType<typeof driver>;

async function measure(world: World, drive: Driver, subject: Subject, concurrency: number): Promise<Round> {
  const [before, children, outside] = [
    await subject.meter(),
    await subject.children(),
    await world.figures(),
  ];
  const load = await drive.drive(subject, concurrency, incidentsAt(concurrency));
  const [after, grown, since] = [await subject.meter(), await subject.children(), await world.figures()];
  for (const message of new Set(load.failed)) console.error(message);
  return {
    ...load,
    subject: subject.name,
    concurrency,
    cpuMs: after.cpuMs - before.cpuMs,
    childrenCpuMs: grown.cpuMs - children.cpuMs,
    worldCpuMs: since.cpuMs - outside.cpuMs,
    peakRssMb: after.peakRssMb,
    childrenRssMb: grown.rssMb,
    calls: Object.fromEntries(
      Object.entries(since.calls).map(([kind, count]) => [kind, count - (outside.calls[kind] ?? 0)]),
    ),
  };
}

async function subjects(world: World, folder: string, secret: string): Promise<Subject[]> {
  const nodeArguments =
    values.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${values.profile}`];
  const started = [
    await startBare(world, join(folder, 'bare'), secret),
    await startHandrail(world, join(folder, 'local'), { engine: 'local', secret, nodeArguments }),
  ];
  if (values['no-restate']) return started;
  const restate = await startHandrail(world, join(folder, 'restate'), { engine: 'restate', secret }).catch(
    (error: unknown) => void console.error(String(error)),
  );
  return restate === undefined ? started : [...started, restate];
}

async function rounds(world: World, all: readonly Subject[], secret: string): Promise<Round[]> {
  const drive = driver(world, secret);
  for (const subject of all) {
    const { failed } = await drive.drive(subject, warmUp.concurrency, warmUp.count);
    for (const message of new Set(failed)) console.error(message);
  }
  const measured: Round[] = [];
  for (let round = 1; round <= Number(values.rounds); round += 1)
    for (const concurrency of values.concurrency.split(',').map(Number))
      for (const subject of all) {
        const one = await measure(world, drive, subject, concurrency);
        console.error(
          `round ${round}, ${concurrency} at once, ${one.subject}: ${((1000 * one.taken.length) / one.ms).toFixed(1)} events/s`,
        );
        measured.push(one);
      }
  drive.close();
  return measured;
}

async function starts(world: World, secret: string): Promise<Report['starts']> {
  const idle = await idleBot(world, secret);
  if (values['no-cold']) return { ...idle, coldMs: undefined };
  const cold: number[] = [];
  for (let n = 0; n < 3; n += 1) cold.push(await coldStart());
  return { ...idle, coldMs: median(cold) };
}

const folder = await mkdtemp(join(tmpdir(), 'handrail-bench-'));
const secret = `whsec_${randomBytes(32).toString('base64')}`;
const world = await startWorld(Number(values['job-ms']));
const all: Subject[] = [];
try {
  const measuredStarts = await starts(world, secret);
  all.push(...(await subjects(world, folder, secret)));
  const measured = await rounds(world, all, secret);
  const found = report({
    machine: `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}, Node.js ${process.version}`,
    starts: measuredStarts,
    evaluateMs: await evaluation(),
    rounds: measured,
  });
  console.log(textOf(found));
  if (values.json === undefined) console.log(JSON.stringify(found));
  else await writeFile(values.json, `${JSON.stringify(found, null, 2)}\n`);
} catch (error) {
  console.error(`The bench could not be finished: ${String(error)}`);
} finally {
  await Promise.all([...all, world].map((process) => process.stop()));
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
