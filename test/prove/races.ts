import { ulid } from 'ulid';
import type { Command, Reply } from '../../src/domain/commands.ts';
import { CONTROL } from '../../src/domain/control.ts';
import type { LogEntry } from '../../src/domain/events.ts';
import { system } from '../../src/domain/people.ts';
import { handlers } from '../../src/flow/command.ts';
import * as f from '../fakes/domain.ts';
import { outside, propose, startProcess, tempFile } from '../fakes/flow.ts';

const groups = ['web-operations', 'web-approvers', 'commanders', 'admins'] as const;
const indexOf = (name: string): number => groups.indexOf(name as (typeof groups)[number]);
const entra = (n: number) => `5b0f3c1e-0000-4000-8000-00000000000${n}`;
const members: Readonly<Record<string, readonly string[]>> = {
  olivia: ['web-operations'],
  arne: ['web-approvers'],
  mia: ['web-approvers'],
  cora: ['commanders'],
  carl: ['commanders'],
  ada: ['admins'],
};

/** A process over a real SQLite file in which every call to the world and the store may be overtaken by another. */
export async function openTrack(quorum: 1 | 2) {
  const { file, remove } = tempFile();
  const world = outside();
  world.ci = f.ci();
  const drain = { type: 'integer', title: 'Drain', default: 60, narrow: 'lower' };
  const { runbook } = f.runbook();
  const loaded = f.runbook({
    parameters: { ...runbook.parameters, drain },
    approval: { group: 'web-approvers', quorum, expires: '30m' },
    cooldown: '0m',
  });
  const policy = f.policy({
    groups: Object.fromEntries(groups.map((name, n) => [name, { entra: entra(n) }])),
    breakGlass: { groups: ['commanders'], review: { group: 'web-operations' } },
    admins: 'admins',
  });
  let random = dice(0);
  // as many turns of the loop as chance has it: others come first
  const overtaken = async () => {
    for (let turns = random(4); turns > 0; turns--) await new Promise(setImmediate);
  };
  const process = await startProcess(world, file, {
    catalogue: { runbooks: new Map([['recycle', loaded]]), policy },
    directory: {
      memberOf: async (id) => {
        await overtaken();
        return (members[id] ?? []).map((name) => entra(indexOf(name)));
      },
      members: async (group) =>
        Object.keys(members).filter((id) => members[id]?.some((name) => entra(indexOf(name)) === group)),
      person: async (named) => ({ id: named, name: named }),
    },
  });
  const { log } = process.deps;
  const { append, read } = log;
  Object.assign(log, {
    read: async (runId: string) => {
      await overtaken();
      const entries = await read(runId);
      await overtaken();
      return entries;
    },
    append: async (...given: Parameters<typeof append>) => {
      await overtaken();
      return append(...given);
    },
  } satisfies Partial<typeof log>);
  return {
    world,
    process,
    overtaken,
    chance: (most: number) => random(most),
    /** A new run that waits for approval, and the chances of its calls. */
    async start(seed: number): Promise<string> {
      random = dice(seed);
      world.now = f.T0;
      const runId = ulid();
      await process.command(propose, runId);
      return runId;
    },
    drive: (runId: string) => handlers(process.deps).drive(runId),
    async close(): Promise<void> {
      await process.store.close();
      remove();
    },
  };
}
export type Track = Awaited<ReturnType<typeof openTrack>>;

/** Small numbers that are the same for the same seed. */
function dice(seed: number): (most: number) => number {
  let state = seed + 1;
  return (most) => {
    // a linear congruential generator (Numerical Recipes): good enough to shuffle who comes first
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 16) % most;
  };
}

type Racer = (track: Track, runId: string) => Promise<unknown>;
const says =
  (command: Command): Racer =>
  (track, runId) =>
    track.process.command(command, runId);

export const approves = (who: string): Racer => says(f.command('approve', f.person(who), { revision: 1 }));
export const rejects = (who: string): Racer =>
  says(f.command('reject', f.person(who), { revision: 1, reason: 'wrong server' }));
export const narrows = (who: string): Racer =>
  says(f.command('narrow', f.person(who), { revision: 1, values: { drain: 5 } }));
export const breaks = (who: string): Racer =>
  says(f.command('break-glass', f.person(who), { revision: 1, reason: 'the shop is down' }));
export const withdraws = (who: string): Racer =>
  says(f.command('withdraw', f.person(who), { reason: 'not needed' }));
export const dispatches: Racer = says(f.command('dispatch', system('engine'), {}));
export const drives: Racer = (track, runId) => track.drive(runId);
export const stops: Racer = ({ process }) =>
  process.command(f.command('stop', f.ada, { reason: 'bad release' }), CONTROL);
export const resumes: Racer = ({ process }) =>
  process.command(f.command('resume', f.ada, { reason: '' }), CONTROL);
export const snapshotEnds: Racer = says(f.result('snapshot', 'succeeded'));
/** The time to decide ends while the other is on the way. */
export const expires: Racer = async (track, runId) => {
  for (let turns = track.chance(12); turns > 0; turns--) await track.overtaken();
  track.world.now = f.minutes(30);
  return track.process.command(f.command('expire', system('timer'), {}), runId);
};

export type Raced = { readonly first: Reply; readonly second: Reply; readonly entries: readonly LogEntry[] };

/** Both at once. Which of them is called first changes with the round. */
export async function race(
  track: Track,
  runId: string,
  round: number,
  first: Racer,
  second: Racer,
): Promise<Raced> {
  const one = () => first(track, runId) as Promise<Reply>;
  const two = () => second(track, runId) as Promise<Reply>;
  if (round % 2 === 0) {
    const [a, b] = await Promise.all([one(), two()]);
    return { first: a, second: b, entries: await track.process.deps.log.read(runId) };
  }
  const [b, a] = await Promise.all([two(), one()]);
  return { first: a, second: b, entries: await track.process.deps.log.read(runId) };
}

/** What a reply comes to: done, known, or the code it was refused with. */
export const codeOf = (reply: Reply): string => {
  if (reply.ok) return reply.changed ? 'done' : 'known';
  return reply.refusal.code;
};
