import type { Reply } from '../domain/commands.ts';
import type { Incident } from '../domain/incident.ts';
import type { Actor, Origin } from '../domain/people.ts';
import type { StateItem } from '../ports.ts';
import type { Deps } from './deps.ts';
import { markOpen } from './projection.ts';
import { loadRun } from './session.ts';

export type Ask = {
  readonly incident: Pick<Incident, 'sysId' | 'number'>;
  readonly runbook: string;
  readonly by: Actor;
  readonly origin: Origin;
  readonly reason: string;
  /** People may ask again once the last run has ended; events propose a runbook once per incident. */
  readonly again: boolean;
};
export type Asked =
  | { readonly is: 'new'; readonly runId: string; readonly reply: Reply }
  | { readonly is: 'known'; readonly runId: string };

/** Makes at most one run of a runbook for an incident, however often and from wherever it is asked for. */
export async function proposeRun(deps: Deps, ask: Ask): Promise<Asked> {
  const claimed = await claim(deps, ask);
  if (claimed.is === 'known') return claimed;
  const { runId } = claimed;
  await markOpen(deps, runId, ask.incident.number, ask.runbook);
  const { by, origin, reason, runbook } = ask;
  const reply = await deps.engine.submit(runId, {
    name: 'propose',
    incident: ask.incident.sysId,
    runbook,
    reason,
    by,
    origin,
  });
  return { is: 'new', runId, reply };
}

type Claimed =
  | { readonly is: 'mine'; readonly runId: string }
  | { readonly is: 'known'; readonly runId: string };

/** The claim fixes the run id before the run exists; whoever finds a claim without a run finishes it. */
async function claim(deps: Deps, ask: Ask): Promise<Claimed> {
  const runId = deps.ids.ulid();
  const item = claimItem(ask, runId);
  for (;;) {
    if ((await deps.state.put(item, 'new')).ok) return { is: 'mine', runId };
    const held = await deps.state.get(item.pk, item.id);
    if (held === undefined) continue;
    const holder = String(held.item.body);
    const run = await loadRun(deps, holder);
    if (run.entries.length === 0) return { is: 'mine', runId: holder };
    if (!ask.again || run.closed === undefined) return { is: 'known', runId: holder };
    if ((await deps.state.put(item, { etag: held.etag })).ok) return { is: 'mine', runId };
  }
}

const claimItem = ({ incident, runbook }: Ask, runId: string): StateItem => ({
  pk: `claim:${incident.sysId}`,
  id: runbook,
  kind: 'claim',
  k: `claim|${incident.sysId}|${runbook}`,
  body: runId,
});
