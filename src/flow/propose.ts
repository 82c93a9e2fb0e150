import type { Reply } from '../domain/commands.ts';
import type { Incident } from '../domain/incident.ts';
import type { Actor, Origin } from '../domain/people.ts';
import type { Run } from '../domain/run.ts';
import type { WeighedSuggestion } from '../domain/suggestion.ts';
import type { StateItem } from '../ports.ts';
import type { Deps } from './deps.ts';
import { loadRun } from './load-run.ts';
import { isStale, markOpen } from './projection.ts';

export type Ask = {
  readonly incident: Pick<Incident, 'sysId' | 'number'>;
  readonly runbook: string;
  readonly by: Actor;
  readonly origin: Origin;
  readonly reason: string;
  /** Whether a run that has ended makes room for another: for people always, for events only sometimes. */
  readonly again: boolean | ((last: Run) => boolean);
  /** What an AI triage said about this incident. */
  readonly suggestion?: WeighedSuggestion;
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
  const { by, origin, reason, runbook, suggestion } = ask;
  const reply = await deps.engine.submit(runId, {
    name: 'propose',
    incident: ask.incident.sysId,
    runbook,
    reason,
    ...(suggestion ? { suggestion } : {}),
    by,
    origin,
  });
  // somebody else finished the same claim a moment earlier
  if (!reply.ok && reply.refusal.code === 'already-proposed') return { is: 'known', runId };
  return { is: 'new', runId, reply };
}

/** The run that continues the one that was claimed takes its place, unless another one has been asked for since. */
export async function moveClaim(
  deps: Deps,
  about: Pick<Ask, 'incident' | 'runbook'>,
  runId: string,
): Promise<void> {
  const item = claimItem(about, runId);
  const held = await deps.state.get(item.pk, item.id);
  const holder = String(held?.item.body ?? '');
  if (held === undefined) await deps.state.put(item, 'new');
  else if (holder !== runId && (await loadRun(deps, holder)).closed !== undefined)
    await deps.state.put(item, { etag: held.etag });
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
    const is = standing(deps, await loadRun(deps, holder), ask.again);
    if (is !== 'over') return { is, runId: holder };
    if ((await deps.state.put(item, { etag: held.etag })).ok) return { is: 'mine', runId };
  }
}

/** What a claim found in the way means: to be finished by us, a run there is, or one that makes room for another. */
function standing(deps: Deps, run: Run, again: Ask['again']): 'mine' | 'known' | 'over' {
  if (run.entries.length === 0) return isStale(deps, run.runId) ? 'over' : 'mine';
  if (run.closed === undefined) return 'known';
  return (typeof again === 'boolean' ? again : again(run)) ? 'over' : 'known';
}

const claimItem = ({ incident, runbook }: Pick<Ask, 'incident' | 'runbook'>, runId: string): StateItem => ({
  pk: `claim:${incident.sysId}`,
  id: runbook,
  kind: 'claim',
  k: `claim|${incident.sysId}|${runbook}`,
  body: runId,
});
