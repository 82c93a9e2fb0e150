import type { RefusalCode } from '../domain/commands.ts';
import { AppError, messageOf } from '../domain/errors.ts';
import { InboxEntry, parseThinEvent } from '../domain/inbox.ts';
import { type ConfigurationItem, type Incident, isOver } from '../domain/incident.ts';
import { sha256 } from '../domain/json.ts';
import { type Candidate, matchRunbooks, unheeded } from '../domain/match.ts';
import { system } from '../domain/people.ts';
import type { StateItem } from '../ports.ts';
import type { Deps } from './deps.ts';
import { engineOrigin } from './origin.ts';
import { proposeRun } from './propose.ts';

const KEEP_SECONDS = 7 * 86_400;
const AT_ONCE = 32;

export type Received = 'accepted' | 'repeat' | 'conflict' | { readonly invalid: string };

export type Intake = {
  /** Stores a verified event durably. Process it with `process`; what is forgotten is found by `sweep`. */
  receive(id: string, body: string): Promise<Received>;
  process(id: string): Promise<void>;
  /** Processes every event that was stored and not finished, oldest first. */
  sweep(): Promise<void>;
};

/** The first step of the flow: an event becomes at most one proposal, even when it arrives twice or the bot dies. */
export function intake(deps: Deps): Intake {
  const busy = new Set<string>();
  const room = slots(AT_ONCE);
  const process = async (id: string): Promise<void> => {
    if (busy.has(id)) return;
    busy.add(id);
    try {
      await room(() => processEvent(deps, id));
    } catch (error) {
      deps.report('warn', 'an event could not be processed yet', { event: id, why: messageOf(error) });
    } finally {
      busy.delete(id);
    }
  };
  return {
    receive: (id, body) => receive(deps, id, body),
    process,
    async sweep() {
      let after: string | undefined;
      do {
        const where = { kind: 'inbox', status: 'received' };
        const page = await deps.state.list({ where, limit: 100, ...(after === undefined ? {} : { after }) });
        await Promise.all(page.items.map(({ item }) => process(item.id)));
        after = page.after;
      } while (after !== undefined);
    },
  };
}

/** At most so many at a time: a burst of events must not become a burst on ServiceNow. */
function slots(count: number): <T>(work: () => Promise<T>) => Promise<T> {
  let free = count;
  const queue: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((go) => queue.push(go));
    try {
      return await work();
    } finally {
      const next = queue.shift();
      if (next) next();
      else free += 1;
    }
  };
}

async function receive(deps: Deps, id: string, body: string): Promise<Received> {
  const event = parseThinEvent(body);
  if ('invalid' in event) return event;
  const { sys_id: sysId, sys_mod_count: modCount, ...suggested } = event;
  const kept: InboxEntry = { bodyHash: sha256(body), sysId, modCount, outcome: '', ...suggested };
  const written = await deps.state.put(
    inboxItem(id, kept, 'received', deps.clock.now().toISOString()),
    'new',
  );
  if (written.ok) return 'accepted';
  const before = await deps.state.get(pkOf(id), id);
  return before && InboxEntry.parse(before.item.body).bodyHash !== kept.bodyHash ? 'conflict' : 'repeat';
}

async function processEvent(deps: Deps, id: string): Promise<void> {
  const stored = await deps.state.get(pkOf(id), id);
  if (stored === undefined || stored.item.status !== 'received') return;
  const kept = InboxEntry.parse(stored.item.body);
  const outcome = await consider(deps, kept).catch((error: unknown) => ended(deps, id, error));
  deps.report('info', 'an event was processed', { event: id, outcome });
  await deps.state.put(
    inboxItem(id, { ...kept, outcome }, 'done', stored.item.k.split('|')[0] ?? ''),
    stored,
  );
}

/** What will fail the same way again ends here, said aloud; what may pass is thrown on and tried again. */
function ended(deps: Deps, id: string, error: unknown): string {
  if (error instanceof AppError && (error.retryable || error.maybeApplied)) throw error;
  deps.report('error', 'an event was given up', { event: id, why: messageOf(error) });
  return `failed: ${messageOf(error)}`;
}

/** Reads the truth, finds the runbook, asks for a run. Answers what came of it, for the record. */
async function consider(deps: Deps, { sysId, modCount, ...suggested }: InboxEntry): Promise<string> {
  const incident = await deps.itsm.incident({ sysId });
  if (incident === undefined) return 'dropped: the incident does not exist';
  // only when this very event is ours: a note of ours may have followed somebody else's change
  if (deps.itsm.isOwnUpdate(incident) && incident.modCount <= modCount) return 'dropped: our own update';
  if (isOver(incident)) return `dropped: ${incident.number} is ${incident.state}`;
  if (incident.ciSysId === '') return `dropped: ${incident.number} names no configuration item`;
  const ci = await deps.itsm.ci(incident.ciSysId);
  if (ci === undefined) return `dropped: the CMDB has no item ${incident.ciSysId}`;
  const [best, also] = match(deps, incident, ci, suggested);
  if (best === undefined) return `no runbook matches ${incident.number}${also}`;
  const asked = await proposeRun(deps, {
    incident,
    runbook: best.loaded.runbook.id,
    by: system('servicenow'),
    origin: engineOrigin,
    reason: best.reason,
    again: false,
    ...(best.suggestion ? { suggestion: best.suggestion } : {}),
  });
  if (asked.is === 'known') return `known: run ${asked.runId}${also}`;
  if (asked.reply.ok) return `proposed: run ${asked.runId}${also}`;
  const { code, message, nextAction } = asked.reply.refusal;
  if (!passing.includes(code)) return `refused: ${code}${also}`;
  throw new AppError({ code: 'itsm-unreachable', message, fix: nextAction, retryable: true });
}

/** The runbook to propose, if any, and a remark for the record when a suggestion counted for nothing. */
function match(
  { catalogue: { runbooks, policy } }: Deps,
  incident: Incident,
  ci: ConfigurationItem,
  { suggestion, suggestionDropped }: Pick<InboxEntry, 'suggestion' | 'suggestionDropped'>,
): readonly [best: Candidate | undefined, also: string] {
  const all = [...runbooks.values()];
  const alone = policy.policy.suggestions;
  const [best] = matchRunbooks(all, incident, ci, suggestion, alone);
  const why = suggestion ? unheeded(all, incident, ci, suggestion, alone) : suggestionDropped;
  return [best, why === undefined ? '' : `; suggestion left out: ${why}`];
}

/** Refusals that say something could not be read: the event is kept and considered again. */
const passing: readonly RefusalCode[] = ['incident-unknown', 'ci-unknown', 'facts-unknown'];

const pkOf = (id: string): string => `inbox:${id}`;

const inboxItem = (id: string, kept: InboxEntry, status: 'received' | 'done', at: string): StateItem => ({
  pk: pkOf(id),
  id,
  kind: 'inbox',
  k: `${at}|${id}`,
  status,
  ttl: KEEP_SECONDS,
  body: kept,
});
