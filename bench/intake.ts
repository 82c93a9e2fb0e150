/**
 * npm run bench:intake [-- --bursts 4 --incidents 50 --events 500 --json file]
 * Sends bursts of events, in no order and many at once, to Handrail and prints what came of each: answers, proposals,
 * looks at ServiceNow, and how much memory it holds. It reports and never judges: the exit code is 0 whatever they are.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Webhook } from 'standardwebhooks';
import { table } from './figures.ts';
import { incidentId, monotonicMs } from './ids.ts';
import { type Subject, startHandrail, startWorld, type World } from './processes.ts';

const { values } = parseArgs({
  options: {
    bursts: { type: 'string', default: '4' },
    incidents: { type: 'string', default: '50' },
    events: { type: 'string', default: '500' },
    json: { type: 'string' },
  },
});
const [bursts, incidents, events] = [values.bursts, values.incidents, values.events].map(Number) as [
  number,
  number,
  number,
];
/** A burst whose cards do not come within this time is given up. */
const LIMIT_MS = 60_000;
/** Nothing more is expected when no card came for so long. */
const QUIET_MS = 3_000;

type Burst = {
  readonly answers: Readonly<Record<string, number>>;
  readonly proposals: number;
  /** Cards beyond one an incident. */
  readonly doubled: number;
  readonly acceptedMs: number;
  readonly lastCardMs: number;
  readonly looksPerEvent: number;
  readonly cpuMsPerEvent: number;
  readonly rssMb: number;
  readonly peakRssMb: number;
  /** In use when everything is done, without garbage: flat when nothing of a burst is kept in memory. */
  readonly heapMb: number;
};

/** Every incident gets as many versions as fit, and each one is told once, in no order a sender would choose. */
function shuffled(count: number): number[] {
  const all = Array.from({ length: count }, (_, n) => n);
  for (let n = all.length - 1; n > 0; n -= 1) {
    const other = Math.floor(Math.random() * (n + 1));
    [all[n], all[other]] = [all[other] as number, all[n] as number];
  }
  return all;
}

function sender(url: string, secret: string) {
  const agent = new Agent({ keepAlive: true, timeout: 2_000 });
  const webhook = new Webhook(secret);
  const send = (incident: number, version: number): Promise<number> => {
    const id = `bench-${incident}-${version}`;
    const body = JSON.stringify({ sys_id: incidentId(incident), sys_mod_count: version });
    const at = new Date();
    const headers = {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': webhook.sign(id, at, body),
    };
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const sent = request(`${url}/api/servicenow/events`, { method: 'POST', agent, headers }, (answer) =>
      answer.resume().on('end', () => resolve(answer.statusCode ?? 0)),
    );
    sent.once('error', reject).end(body);
    return promise;
  };
  return { send, close: () => agent.destroy() };
}

async function burst(world: World, handrail: Subject, secret: string, first: number): Promise<Burst> {
  const cards = new Map<number, number>();
  let lastCardAt = 0;
  world.on((message) => {
    if (message.is !== 'card' || message.n < first || message.n >= first + incidents) return;
    cards.set(message.n, (cards.get(message.n) ?? 0) + 1);
    lastCardAt = message.at;
  });
  const [before, figures] = [await handrail.meter(), await world.figures()];
  const { send, close } = sender(handrail.url, secret);
  const began = monotonicMs();
  const answered = await Promise.all(
    shuffled(events).map((n) =>
      send(first + (n % incidents), Math.floor(n / incidents)).catch((error: unknown) => String(error)),
    ),
  );
  const acceptedMs = monotonicMs() - began;
  await quiet(
    () => Math.max(began, lastCardAt),
    () => cards.size === incidents,
  );
  close();
  const [after, since] = [await handrail.meter(), await world.figures()];
  const looks = (since.calls['GET incident'] ?? 0) - (figures.calls['GET incident'] ?? 0);
  return {
    answers: Object.fromEntries(
      [...Map.groupBy(answered, String)].map(([answer, all]) => [answer, all.length]),
    ),
    proposals: cards.size,
    doubled: [...cards.values()].reduce((sum, count) => sum + count - 1, 0),
    acceptedMs,
    lastCardMs: lastCardAt - began,
    looksPerEvent: looks / events,
    cpuMsPerEvent: (after.cpuMs - before.cpuMs) / events,
    rssMb: after.rssMb,
    peakRssMb: after.peakRssMb,
    heapMb: after.heapMb,
  };
}

/** Waits until all cards are there and no other one came for a while, or until the time is over. */
async function quiet(last: () => number, complete: () => boolean): Promise<void> {
  const until = monotonicMs() + LIMIT_MS;
  while (monotonicMs() < until) {
    if (complete() && monotonicMs() - last() > QUIET_MS) return;
    await new Promise((wake) => setTimeout(wake, 50));
  }
}

const text = (all: readonly Burst[]): string =>
  table([
    [
      'burst',
      'answers',
      'proposals',
      'doubled',
      'accepted ms',
      'last card ms',
      'looks/event',
      'CPU ms/event',
      'RSS MB',
      'peak MB',
      'heap MB',
    ],
    ...all.map((one, n) => [
      String(n + 1),
      Object.entries(one.answers)
        .map(([answer, count]) => `${count} x ${answer}`)
        .join(', '),
      String(one.proposals),
      String(one.doubled),
      ...[one.acceptedMs, one.lastCardMs].map((ms) => ms.toFixed(0)),
      one.looksPerEvent.toFixed(2),
      one.cpuMsPerEvent.toFixed(2),
      ...[one.rssMb, one.peakRssMb, one.heapMb].map((mb) => mb.toFixed(0)),
    ]),
  ]);

const folder = await mkdtemp(join(tmpdir(), 'handrail-bench-'));
const secret = `whsec_${randomBytes(32).toString('base64')}`;
const world = await startWorld(0);
let handrail: Subject | undefined;
try {
  handrail = await startHandrail(world, folder, { engine: 'local', secret, nodeArguments: ['--expose-gc'] });
  const all: Burst[] = [];
  for (let n = 0; n < bursts; n += 1) all.push(await burst(world, handrail, secret, 1 + n * incidents));
  const machine = `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}, Node.js ${process.version}`;
  console.log(`${machine}\n${events} events for ${incidents} incidents a burst\n\n${text(all)}`);
  if (values.json !== undefined)
    await writeFile(values.json, `${JSON.stringify({ machine, events, incidents, bursts: all }, null, 2)}\n`);
} catch (error) {
  console.error(`The bench could not be finished: ${String(error)}`);
} finally {
  await Promise.all([handrail, world].map((process) => process?.stop()));
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
