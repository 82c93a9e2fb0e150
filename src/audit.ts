import type { OpenStore } from './adapters/store/open.ts';
import { AppError } from './domain/errors.ts';
import { recordLines } from './domain/record.ts';
import { runsByCode } from './flow/projection.ts';

/** The record of one run, named by its id or its short code. Throws AppError when there is none. */
export async function showRecord(store: OpenStore, named: string): Promise<string[]> {
  const ids = named.length === 26 ? [named.toUpperCase()] : await runsByCode(store, named);
  const records = await Promise.all(ids.map((id) => recordOf(store, id)));
  const found = records.flat();
  if (found.length > 0) return found;
  throw new AppError({
    code: 'log-broken',
    message: `there is no run ${named} in this store`,
    fix: 'Name a run by the code on its card, or by its id; HANDRAIL_DATA or COSMOS_ENDPOINT say which store is read.',
  });
}

async function recordOf(store: OpenStore, runId: string): Promise<string[]> {
  const entries = await store.log.read(runId);
  if (entries.length === 0) return [];
  const verified = await store.verify(runId);
  const chain = verified.ok
    ? `chain verified, head ${verified.head?.hash ?? ''}`
    : `CHAIN BROKEN at #${verified.seq}: ${verified.why}`;
  return [`run ${runId}, ${entries.length} events, ${chain}`, ...recordLines(entries)];
}

/** Re-hashes every run the store knows; one line a run whose chain does not hold, and the counts. */
export async function verifyRecords(
  store: OpenStore,
): Promise<{ readonly ok: boolean; readonly lines: string[] }> {
  const broken: string[] = [];
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
      const verified = await store.verify(item.id);
      if (!verified.ok) broken.push(`run ${item.id} #${verified.seq}: ${verified.why}`);
    }
    after = page.after;
  } while (after !== undefined);
  return { ok: broken.length === 0, lines: [...broken, `${runs} runs read, ${broken.length} broken`] };
}
