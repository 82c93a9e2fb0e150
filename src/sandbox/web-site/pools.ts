import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';

/** What is wrong with a pool: a `worker` that hangs is cured by a recycle, a broken `config` only by restoring it. */
const Kind = z.enum(['worker', 'config']);
export type FaultKind = z.infer<typeof Kind>;
export type PoolDefinition = {
  /** Also the path of its application: /shop. */
  readonly name: string;
  /** How it breaks when nobody says otherwise. */
  readonly breaks?: FaultKind;
};

const Pool = z.object({
  fault: z.object({ kind: Kind, reason: z.string() }).nullable(),
  recycles: z.number(),
  /** Requests answered so far, by status. */
  counts: z.record(z.string(), z.number()),
  log: z.array(z.string()),
});
type Pool = z.infer<typeof Pool>;
export type PoolView = {
  readonly name: string;
  readonly state: 'started' | 'starting' | 'broken';
  readonly reason: string;
  readonly recycles: number;
};

const keptLines = 500;
const fresh = (): Pool => ({ fault: null, recycles: 0, counts: {}, log: [] });

/**
 * The application pools of the site. With a file, faults, recycles and the error log survive a restart; the counts of
 * healthy requests since the last change may be lost.
 */
export function openPools(definitions: readonly PoolDefinition[], startMs: number, file?: string) {
  const stored = file !== undefined && existsSync(file) ? readFileSync(file, 'utf8') : '{}';
  const saved = z.record(z.string(), Pool).parse(JSON.parse(stored));
  const pools = new Map(definitions.map(({ name }) => [name, saved[name] ?? fresh()]));
  const upAt = new Map<string, number>();

  const save = () => {
    if (file === undefined) return;
    writeFileSync(`${file}.new`, JSON.stringify(Object.fromEntries(pools)), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  };
  const note = (pool: Pool, line: string) => {
    pool.log.push(`${new Date().toISOString()} ${line}`);
    pool.log.splice(0, pool.log.length - keptLines);
    save();
  };
  const starting = (name: string) => performance.now() < (upAt.get(name) ?? 0);
  const view = (name: string, pool: Pool): PoolView => {
    const up = starting(name) ? 'starting' : 'started';
    const state = pool.fault === null ? up : 'broken';
    return { name, state, reason: pool.fault?.reason ?? '', recycles: pool.recycles };
  };
  const repair = (name: string, cures: FaultKind, what: string) => {
    const pool = pools.get(name);
    if (pool === undefined) return;
    pool.recycles += 1;
    upAt.set(name, performance.now() + startMs);
    if (pool.fault?.kind === cures) pool.fault = null;
    const after = pool.fault === null ? 'a new worker process starts' : `failed again: ${pool.fault.reason}`;
    note(pool, `INFO pool ${name} ${what}: ${after}`);
  };

  return {
    names: () => [...pools.keys()],
    view: (name: string): PoolView | undefined => {
      const pool = pools.get(name);
      return pool === undefined ? undefined : view(name, pool);
    },
    /** Counts one request to the application and says how the pool is. */
    visit(name: string, path: string): PoolView | undefined {
      const pool = pools.get(name);
      if (pool === undefined) return undefined;
      const now = view(name, pool);
      const status = now.state === 'started' ? '200' : '503';
      pool.counts[status] = (pool.counts[status] ?? 0) + 1;
      if (status === '503') note(pool, `ERROR 503 ${path} ${now.reason || 'the worker process is starting'}`);
      return now;
    },
    log(
      name: string,
    ): { readonly lines: readonly string[]; readonly counts: Record<string, number> } | undefined {
      const pool = pools.get(name);
      return pool === undefined ? undefined : { lines: pool.log, counts: pool.counts };
    },
    break(name: string, reason: string | undefined, kind: FaultKind | undefined): void {
      const pool = pools.get(name);
      if (pool === undefined) return;
      const how = kind ?? definitions.find((one) => one.name === name)?.breaks ?? 'worker';
      pool.fault = { kind: how, reason: reason ?? reasons[how] };
      note(pool, `FATAL pool ${name}: ${pool.fault.reason}`);
    },
    recycle: (name: string) => repair(name, 'worker', 'recycled'),
    restoreConfig: (name: string) => repair(name, 'config', 'set back to its last good configuration'),
  };
}

const reasons: Readonly<Record<FaultKind, string>> = {
  worker: 'the worker process hangs: the request queue is full',
  config: 'HTTP Error 500.19: web.config cannot be read',
};
