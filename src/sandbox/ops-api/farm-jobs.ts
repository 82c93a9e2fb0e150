import { z } from 'zod';
import { messageOf } from '../../domain/errors.ts';
import { poolOn } from '../web-site/farms.ts';
import { adminCall } from './admin-call.ts';
import type { Job, JobTable, Log, TellHost } from './job-runner.ts';
import { PoolState, type SiteAdmin, workerUp } from './jobs.ts';

const name = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
/** `servers` is one text, as every automation system takes it: names with commas in between. */
const Parameters = z.object({
  pool: z.string().regex(name),
  servers: z
    .string()
    .transform((text) => text.split(',').map((server) => server.trim()))
    .pipe(z.array(z.string().regex(name)).min(1)),
});

/**
 * The jobs of a team that cares for web farms: `iis-snapshot-farm`, `iis-recycle-farm` and `iis-restore-farm-config`. Each
 * does its work on all servers it is given, side by side, and says how it ended on each.
 */
export function farmJobs(site: SiteAdmin): JobTable {
  return {
    'iis-snapshot-farm': onEach(async (pool, log, signal) => {
      const { state, reason } = PoolState.parse(await adminCall(site, 'GET', `pools/${pool}`, signal));
      log(`pool ${pool} is ${state}${reason === '' ? '' : `: ${reason}`}`);
    }),
    'iis-recycle-farm': onEach(async (pool, log, signal) => {
      await adminCall(site, 'POST', `pools/${pool}/recycle`, signal);
      await back(site, pool, log, signal);
    }),
    'iis-restore-farm-config': onEach(async (pool, log, signal) => {
      await adminCall(site, 'POST', `pools/${pool}/restore-config`, signal);
      await back(site, pool, log, signal);
    }),
  };
}

/** The next servers may only go when these answer, so up is not enough. */
async function back(site: SiteAdmin, pool: string, log: Log, signal: AbortSignal): Promise<void> {
  await workerUp(site, pool, log, signal);
  const { state, reason } = PoolState.parse(await adminCall(site, 'GET', `pools/${pool}`, signal));
  if (state !== 'started') throw new Error(reason);
}

type Work = (pool: string, log: Log, signal: AbortSignal) => Promise<void>;

const onEach =
  (work: Work): Job =>
  async (parameters, log, signal, tell) => {
    const parsed = Parameters.safeParse(parameters);
    if (!parsed.success) throw new Error('the parameters pool and servers are missing or no names');
    const { pool, servers } = parsed.data;
    const done = await Promise.all(
      servers.map((server) => onOne(work, poolOn(pool, server), server, { log, signal, tell })),
    );
    signal.throwIfAborted();
    const failed = servers.filter((_server, n) => done[n] === false);
    if (failed.length > 0) throw new Error(`failed on ${failed.join(', ')}`);
  };

async function onOne(
  work: Work,
  pool: string,
  server: string,
  { log, signal, tell }: { readonly log: Log; readonly signal: AbortSignal; readonly tell: TellHost },
): Promise<boolean> {
  try {
    await work(pool, (line) => log(`[${server}] ${line}`), signal);
    tell(server, 'succeeded');
    return true;
  } catch (error) {
    log(`[${server}] failed: ${messageOf(error)}`);
    tell(server, 'failed', messageOf(error));
    return false;
  }
}
