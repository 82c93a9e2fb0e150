import type { OpenStore } from './adapters/store/open.ts';
import { CONTROL } from './domain/control.ts';
import { AppError } from './domain/errors.ts';
import { recordLines } from './domain/record.ts';
import { runsByCode } from './flow/projection.ts';

/**
 * The record of one run, named by its id or its short code, or `control`: who stopped everything, and who let whom vote.
 * Throws AppError when there is none.
 */
export async function showRecord(store: OpenStore, named: string): Promise<string[]> {
  const ids = await idsOf(store, named);
  const records = await Promise.all(ids.map((id) => recordOf(store, id)));
  const found = records.flat();
  if (found.length > 0) return found;
  throw new AppError({
    code: 'log-broken',
    message: `there is no record of ${named} in this store`,
    fix: 'Name a run by the code on its card, or by its id; HANDRAIL_DATA or COSMOS_ENDPOINT say which store is read.',
  });
}

async function idsOf(store: OpenStore, named: string): Promise<string[]> {
  if (named === 'control') return [CONTROL];
  return named.length === 26 ? [named.toUpperCase()] : runsByCode(store, named);
}

async function recordOf(store: OpenStore, runId: string): Promise<string[]> {
  const entries = await store.log.read(runId);
  if (entries.length === 0) return [];
  const verified = await store.verify(runId);
  const chain = verified.ok
    ? `chain verified, head ${verified.head?.hash ?? ''}`
    : `CHAIN BROKEN at #${verified.seq}: ${verified.why}`;
  return [`${nameOf(runId)}, ${entries.length} events, ${chain}`, ...recordLines(entries)];
}

const nameOf = (runId: string): string => (runId === CONTROL ? 'control' : `run ${runId}`);

/**
 * Re-hashes the control stream and every run the store knows; one line for each that does not hold, and the counts. A run
 * that was told to its end has events: without any, somebody took them away.
 */
export async function verifyRecords(
  store: OpenStore,
): Promise<{ readonly ok: boolean; readonly lines: string[] }> {
  const broken = await flawOf(store, CONTROL, false);
  let runs = 0;
  let after: string | undefined;
  do {
    const page = await store.state.list({
      where: { kind: 'run' },
      limit: 500,
      ...(after === undefined ? {} : { after }),
    });
    for (const { item } of page.items) {
      runs += 1;
      broken.push(...(await flawOf(store, item.id, item.status === 'settled')));
    }
    after = page.after;
  } while (after !== undefined);
  const counts = `control and ${runs} runs read, ${broken.length} broken`;
  return { ok: broken.length === 0, lines: [...broken, counts] };
}

async function flawOf(store: OpenStore, runId: string, hasEvents: boolean): Promise<string[]> {
  const verified = await store.verify(runId);
  if (!verified.ok) return [`${nameOf(runId)} #${verified.seq}: ${verified.why}`];
  return hasEvents && verified.head === undefined ? [`${nameOf(runId)}: its events are gone`] : [];
}
