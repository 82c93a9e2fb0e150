import type { Run } from '../domain/run.ts';
import type { StateItem } from '../ports.ts';
import type { Deps } from './deps.ts';
import { loadRun } from './session.ts';

/** One run at a time on a configuration item. The lease outlives a crash and is taken over when its holder has ended. */
export async function takeLease(deps: Deps, run: Run): Promise<{ ok: true } | { ok: false; holder: string }> {
  const ci = ciOf(run);
  const lease = leaseItem(ci, run.runId);
  for (let tries = 0; tries < 5; tries++) {
    const created = await deps.state.put(lease, 'new');
    if (created.ok) return { ok: true };
    const held = await deps.state.get(lease.pk, lease.id);
    if (held === undefined) continue;
    const holder = String(held.item.body);
    if (holder === run.runId) return { ok: true };
    if ((await loadRun(deps, holder)).closed === undefined) {
      await queue(deps, ci, run.runId);
      return { ok: false, holder };
    }
    const taken = await deps.state.put(lease, { etag: held.etag });
    if (taken.ok) return { ok: true };
  }
  return { ok: false, holder: '' };
}

/** Gives the item free and wakes the runs that wait for it. Does nothing when the lease is not ours. */
export async function releaseLease(deps: Deps, run: Run): Promise<void> {
  const { pk, id } = leaseItem(ciOf(run), run.runId);
  const held = await deps.state.get(pk, id);
  if (held !== undefined && String(held.item.body) !== run.runId) return;
  if (held !== undefined && (await deps.state.remove(pk, id, held.etag)) !== true) return;
  const waiting = await deps.state.list({ where: { kind: 'lease-wait', ci: ciOf(run) }, limit: 100 });
  for (const { item } of waiting.items) {
    await deps.state.remove(item.pk, item.id);
    await deps.engine.wake(item.id);
  }
}

const ciOf = (run: Run): string => run.proposal?.ci.sysId ?? '';

const leaseItem = (ci: string, runId: string): StateItem => ({
  pk: `lease:${ci}`,
  id: 'lease',
  kind: 'lease',
  k: `lease|${ci}`,
  ci,
  body: runId,
});

async function queue(deps: Deps, ci: string, runId: string): Promise<void> {
  const item = {
    pk: `lease-wait:${ci}`,
    id: runId,
    kind: 'lease-wait',
    k: `lease-wait|${ci}|${runId}`,
    ci,
    body: null,
  };
  await deps.state.put(item, 'any');
}
