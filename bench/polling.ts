/**
 * npm run bench:polling [-- --runs 200 --job-ms 60000 --sample-ms 5000 --json file]
 * Brings so many runs at once to a job that takes its time, and prints what waiting for them costs: requests a second at
 * the target, the memory in use from the first sample to the last, and how long the end of a job stayed unseen. It reports
 * and never judges: the exit code is 0 whatever the figures are.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { driver } from './drive.ts';
import { percentile, table } from './figures.ts';
import { monotonicMs } from './ids.ts';
import { type Subject, startHandrail, startWorld, type World } from './processes.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '200' },
    'job-ms': { type: 'string', default: '60000' },
    'sample-ms': { type: 'string', default: '5000' },
    json: { type: 'string' },
  },
});
const [runs, jobMs, sampleMs] = [values.runs, values['job-ms'], values['sample-ms']].map(Number) as [
  number,
  number,
  number,
];
/** A run has two jobs, and everything before, between and after them. */
const limitMs = 2 * jobMs + 180_000;

type Sample = {
  /** Seconds since the first event was sent. */
  readonly second: number;
  /** Jobs launched and not seen to have ended. */
  readonly inProgress: number;
  readonly pollsPerSecond: number;
  /** In use, without garbage. */
  readonly heapMb: number;
  readonly rssMb: number;
  /** Of one processor core. */
  readonly cpuShare: number;
};

async function samples(world: World, handrail: Subject, ended: () => boolean): Promise<Sample[]> {
  const began = monotonicMs();
  const all: Sample[] = [];
  let last = { at: began, polls: 0, cpuMs: (await handrail.meter()).cpuMs };
  while (!ended()) {
    await delay(sampleMs);
    const [{ calls, seenAfterMs }, meter] = [await world.figures(), await handrail.meter()];
    const [at, polls] = [monotonicMs(), calls['GET ops run'] ?? 0];
    all.push({
      second: (at - began) / 1_000,
      inProgress: (calls['POST ops run'] ?? 0) - seenAfterMs.length,
      pollsPerSecond: (1_000 * (polls - last.polls)) / (at - last.at),
      heapMb: meter.heapMb,
      rssMb: meter.rssMb,
      cpuShare: (meter.cpuMs - last.cpuMs) / (at - last.at),
    });
    last = { at, polls, cpuMs: meter.cpuMs };
  }
  return all;
}

const text = (all: readonly Sample[]): string =>
  table([
    ['second', 'in progress', 'polls/s', 'heap MB', 'RSS MB', 'CPU'],
    ...all.map((one) => [
      one.second.toFixed(0),
      String(one.inProgress),
      one.pollsPerSecond.toFixed(1),
      one.heapMb.toFixed(1),
      one.rssMb.toFixed(0),
      `${(100 * one.cpuShare).toFixed(0)} %`,
    ]),
  ]);

const folder = await mkdtemp(join(tmpdir(), 'handrail-bench-'));
const secret = `whsec_${randomBytes(32).toString('base64')}`;
const world = await startWorld(jobMs);
let handrail: Subject | undefined;
try {
  handrail = await startHandrail(world, folder, { engine: 'local', secret, nodeArguments: ['--expose-gc'] });
  const drive = driver(world, secret, limitMs);
  let ended = false;
  const load = drive.drive(handrail, runs, runs).finally(() => {
    ended = true;
  });
  const all = await samples(world, handrail, () => ended);
  const { failed } = await load;
  drive.close();
  for (const message of new Set(failed)) console.error(message);
  const { seenAfterMs } = await world.figures();
  const seen = [0.5, 0.95, 1].map((share) => (percentile(seenAfterMs, share) / 1_000).toFixed(1));
  const machine = `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}, Node.js ${process.version}`;
  console.log(
    `${machine}\n${runs} runs, two jobs of ${jobMs} ms each, ${failed.length} failed\n\n${text(all)}`,
  );
  console.log(`\nFrom the end of a job until it was seen: ${seen.join(' / ')} s (p50 / p95 / most)`);
  if (values.json !== undefined)
    await writeFile(
      values.json,
      `${JSON.stringify({ machine, runs, jobMs, samples: all, seenAfterMs, failed }, null, 2)}\n`,
    );
} catch (error) {
  console.error(`The bench could not be finished: ${String(error)}`);
} finally {
  await Promise.all([handrail, world].map((process) => process?.stop()));
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
