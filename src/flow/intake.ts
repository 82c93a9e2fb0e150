import { messageOf } from '../domain/errors.ts';
import { InboxEntry, parseThinEvent } from '../domain/inbox.ts';
import { isOver } from '../domain/incident.ts';
import { sha256 } from '../domain/json.ts';
import { matchRunbooks } from '../domain/match.ts';
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
  const process = async (id: string): Promise<void> => {
    if (busy.has(id)) return;
    busy.add(id);
    try {
      await processEvent(deps, id);
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
      const page = await deps.state.list({ where: { kind: 'inbox', status: 'received' }, limit: AT_ONCE });
      await Promise.all(page.items.map(({ item }) => process(item.id)));
    },
  };
}

async function receive(deps: Deps, id: string, body: string): Promise<Received> {
  const event = parseThinEvent(body);
  if ('invalid' in event) return event;
  const kept: InboxEntry = {
    bodyHash: sha256(body),
    sysId: event.sys_id,
    modCount: event.sys_mod_count,
    outcome: '',
  };
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
  const outcome = await consider(deps, kept);
  deps.report('info', 'an event was processed', { event: id, outcome });
  await deps.state.put(
    inboxItem(id, { ...kept, outcome }, 'done', stored.item.k.split('|')[0] ?? ''),
    stored,
  );
}

/** Reads the truth, finds the runbook, asks for a run. Answers what came of it, for the record. */
async function consider(deps: Deps, { sysId, modCount }: InboxEntry): Promise<string> {
  const incident = await deps.itsm.incident({ sysId });
  if (incident === undefined) return 'dropped: the incident does not exist';
  // only when this very event is ours: a note of ours may have followed somebody else's change
  if (deps.itsm.isOwnUpdate(incident) && incident.modCount <= modCount) return 'dropped: our own update';
  if (isOver(incident)) return `dropped: ${incident.number} is ${incident.state}`;
  if (incident.ciSysId === '') return `dropped: ${incident.number} names no configuration item`;
  const ci = await deps.itsm.ci(incident.ciSysId);
  if (ci === undefined) return `dropped: the CMDB has no item ${incident.ciSysId}`;
  const [best] = matchRunbooks([...deps.catalogue.runbooks.values()], incident, ci);
  if (best === undefined) return `no runbook matches ${incident.number}`;
  const asked = await proposeRun(deps, {
    incident,
    runbook: best.loaded.runbook.id,
    by: system('servicenow'),
    origin: engineOrigin,
    reason: best.reason,
    again: false,
  });
  if (asked.is === 'known') return `known: run ${asked.runId}`;
  return asked.reply.ok ? `proposed: run ${asked.runId}` : `refused: ${asked.reply.refusal.code}`;
}

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
