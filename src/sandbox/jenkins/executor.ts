import { messageOf } from '../../domain/errors.ts';
import type { Build, BuildStore, Result } from './build-store.ts';
import type { JobDefinition } from './definitions.ts';
import type { QueueItem, Values } from './queue.ts';

export const stopLevels = ['stop', 'term', 'kill'] as const;
export type StopLevel = (typeof stopLevels)[number];

type Going = { readonly build: Build; readonly definition: JobDefinition; readonly abort: AbortController };

/** Does the work of builds and keeps their records; `ended` is called after each. */
export function buildExecutor(store: BuildStore, user: string, ended: () => void) {
  const going = new Map<string, Going>();
  const working = new Set<Promise<void>>();
  let closed = false;
  const keyOf = ({ job, number }: Pick<Build, 'job' | 'number'>) => `${job}#${number}`;

  function end(build: Build, result: Result, change: Partial<Build> = {}): void {
    // after close the record stays open, as after a crash; the next start ends it
    if (!going.delete(keyOf(build)) || closed) return;
    store.log(build, `Finished: ${result}`);
    store.change(build, { ...change, building: false, result, duration: Date.now() - build.timestamp });
    ended();
  }

  async function run({ build, definition, abort }: Going, values: Values): Promise<void> {
    const log = (line: string) => {
      if (going.has(keyOf(build)) && !closed) store.log(build, line);
    };
    log(`Started by user ${user}`);
    const { result, artifacts, fault } = await doneBy(definition, values, log, abort.signal);
    if (fault !== undefined) log(result === 'ABORTED' ? `Aborted by ${user}` : `ERROR: ${fault}`);
    end(build, result, { artifacts });
  }

  return {
    /** Makes the build of a queue item and begins it; its number. */
    start({ id, job, parameters, values }: QueueItem, definition: JobDefinition): number {
      const begun = { timestamp: Date.now(), duration: 0, building: true, result: null, artifacts: {} };
      const build = store.create({ job, queueId: id, parameters: [...parameters], ...begun });
      const one = { build, definition, abort: new AbortController() };
      going.set(keyOf(build), one);
      const work = Promise.resolve()
        .then(() => run(one, values))
        .finally(() => working.delete(work));
      working.add(work);
      return build.number;
    },
    /** A build of the job that is going on. */
    busyWith: (job: string): Build | undefined =>
      [...going.values()].map(({ build }) => build).find((build) => build.job === job),
    /** Tells a build to end; what its work does not listen to has no effect, except a kill. */
    stop(build: Build, level: StopLevel): void {
      const one = going.get(keyOf(build));
      const deaf = one?.definition.ignores;
      if (stopLevels.indexOf(level) > (deaf === undefined ? -1 : stopLevels.indexOf(deaf)))
        one?.abort.abort(new Error(`told to ${level}`));
      if (level !== 'kill' || one === undefined) return;
      store.log(build, 'Hard kill!');
      end(build, 'ABORTED');
    },
    /** As at a restart: what is going on ends without a word of its own. */
    interrupt(): void {
      const all = [...going.values()];
      going.clear();
      for (const { abort } of all) abort.abort(new Error('Jenkins was restarted'));
      endInterrupted(store);
    },
    /** Stops as a crash would: builds are aborted and their records stay open. */
    async close(): Promise<void> {
      closed = true;
      const deaf = [...going.values()].some(({ definition }) => definition.ignores !== undefined);
      for (const { abort } of going.values()) abort.abort(new Error('the server stops'));
      if (!deaf) await Promise.allSettled([...working]);
    },
  };
}

type Done = { result: Result; readonly artifacts: Record<string, string>; fault?: string };

async function doneBy(
  { work }: JobDefinition,
  values: Values,
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<Done> {
  const done: Done = { result: 'SUCCESS', artifacts: {} };
  const leave = {
    result: (result: Result) => Object.assign(done, { result }),
    artifact: (path: string, content: string) => Object.assign(done.artifacts, { [path]: content }),
  };
  try {
    await work(values, log, signal, leave);
    return done;
  } catch (error) {
    return { ...done, result: signal.aborted ? 'ABORTED' : 'FAILURE', fault: messageOf(error) };
  }
}

/** Builds that a restart interrupted; Jenkins calls them failed when it finds them without a result. */
export function endInterrupted(store: BuildStore): void {
  for (const build of store.running()) store.change(build, { building: false, result: 'FAILURE' });
}
