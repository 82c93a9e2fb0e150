import type { Tag } from '../domain/considered.ts';
import { AppError, messageOf } from '../domain/errors.ts';
import { type InboxEntry, parseThinEvent } from '../domain/inbox.ts';
import { type IntakeLimits, usualLimits } from '../domain/intake-limits.ts';
import { sha256 } from '../domain/json.ts';
import type { Deps } from './deps.ts';
import type { Again } from './intake-behind.ts';
import { consider, type Done } from './intake-consider.ts';
import { type Looked, lanes, type Waiting } from './intake-lanes.ts';
import {
  finish,
  handOn,
  keep,
  keepRefusal,
  type Open,
  postpone,
  readOpen,
  takeUpFailed,
  unfinished,
} from './intake-record.ts';
import { type Turns, turns } from './intake-turns.ts';

const AT_ONCE = 32;
/** While ServiceNow does not answer it is asked again; it may be back at any moment. */
const away = { waitsFor: 'away', tries: Number.POSITIVE_INFINITY, mostMs: 60_000 } as const;
/** What it refuses is asked for less and less often, some ninety minutes in all, and then given up. */
const refused = { waitsFor: 'refused', tries: 10, mostMs: 3_600_000 } as const;
const final = { ...refused, tries: 0 };

export type Received = 'accepted' | 'repeat' | 'conflict' | { readonly invalid: string };

export type IntakeSettings = {
  /** Where incidents say that they are our business; without it nobody is looked for. */
  readonly tag?: Tag | undefined;
  readonly limits?: IntakeLimits;
};

export type Intake = {
  /** Stores a verified event durably. Process it with `process`; what is forgotten is found by `sweep`. */
  receive(id: string, body: string): Promise<Received>;
  process(id: string): Promise<void>;
  /** Processes every event that was stored and not finished, oldest first, and hourly what was given up. */
  sweep(): Promise<void>;
  /** An incident that was found, not told of: the same as an event of this version of it. False: it was found before. */
  notice(incident: { readonly sysId: string; readonly modCount: number }): Promise<boolean>;
  /** Keeps for the operator why a delivery was turned away; so many a minute, because anybody can make one. */
  refuse(webhookId: string, why: string): Promise<void>;
};

/** The first step of the flow: events become at most one proposal an incident, whatever their order and however many. */
export function intake(deps: Deps, { tag, limits = usualLimits }: IntakeSettings = {}): Intake {
  const pace = turns(deps, limits, (what, key, until) => tooFast(deps, what, key, until));
  const line = lanes(deps.clock, AT_ONCE, {
    look: (one) => look(deps, { tag, pace }, one),
    fold: (older, newer) => fold(deps, older, newer),
  });
  const process = async (id: string): Promise<void> => {
    try {
      const open = await readOpen(deps, id);
      if (open !== undefined && isDue(deps, open.entry)) await line.enter(waiting(id, open.entry));
    } catch (error) {
      postponed(deps, id, messageOf(error));
    }
  };
  return {
    receive: (id, body) => receive(deps, id, body),
    process,
    async sweep() {
      pace.forget();
      await line.wake();
      await takeUpFailed(deps);
      for await (const ids of unfinished(deps)) await Promise.all(ids.map(process));
    },
    async notice({ sysId, modCount }) {
      const id = `poll_${sysId}_${modCount}`;
      const bodyHash = sha256(id);
      const before = await keep(deps, id, { bodyHash, sysId, modCount, outcome: '', source: 'poll' });
      await process(id);
      return before === undefined;
    },
    async refuse(webhookId, why) {
      if (pace.take('refusals', '', '') !== undefined) return;
      const outcome = `refused: ${oneLine(why, 300)} (webhook-id ${oneLine(webhookId, 80)})`;
      await keepRefusal(deps, `refused_${deps.ids.ulid()}`, outcome);
    },
  };
}

const waiting = (id: string, { sysId, modCount, source }: InboxEntry): Waiting => ({
  id,
  sysId,
  modCount,
  source,
});

const isDue = ({ clock }: Pick<Deps, 'clock'>, { notBefore }: InboxEntry): boolean =>
  notBefore === undefined || Date.parse(notBefore) <= clock.now().getTime();

/** What a stranger wrote, cut and without what could begin a new line. */
const oneLine = (text: string, most: number): string =>
  text
    .replaceAll(/[^\x21-\x7e]+/g, ' ')
    .trim()
    .slice(0, most);

async function receive(deps: Deps, id: string, body: string): Promise<Received> {
  const event = parseThinEvent(body);
  if ('invalid' in event) return event;
  const { sys_id: sysId, sys_mod_count: modCount, ...suggested } = event;
  const entry: InboxEntry = { bodyHash: sha256(body), sysId, modCount, outcome: '', ...suggested };
  const before = await keep(deps, id, entry);
  if (before === undefined) return 'accepted';
  return before.bodyHash === entry.bodyHash ? 'repeat' : 'conflict';
}

type Looking = { readonly tag: Tag | undefined; readonly pace: Turns };

async function look(deps: Deps, looking: Looking, { id }: Waiting): Promise<Looked> {
  try {
    const open = await readOpen(deps, id);
    if (open === undefined) return 'done';
    const came = await consider(deps, looking, open.entry).catch(reasonToTryAgain);
    if ('notBefore' in came) return came;
    if ('again' in came) await tryAgain(deps, id, open, came);
    else await end(deps, id, open, came);
  } catch (error) {
    postponed(deps, id, messageOf(error));
  }
  return 'done';
}

async function end(deps: Deps, id: string, open: Open, came: Done): Promise<void> {
  deps.report('info', 'an event was processed', {
    event: id,
    incident: came.incident,
    outcome: came.outcome,
  });
  await finish(deps, open, came.outcome, came.incident);
}

/** What will fail the same way again is not tried again; of a refusal nobody can tell whether it passes. */
function reasonToTryAgain(error: unknown): Again {
  const again = messageOf(error);
  if (!(error instanceof AppError)) return { again, ...final };
  const { code, fix, retryable, maybeApplied } = error;
  if (!retryable && !maybeApplied) return { again, fix, ...final };
  return { again, fix, ...(code === 'itsm-refused' ? refused : away) };
}

/** Later, or, after enough of that, given up and said aloud, with what to do. */
async function tryAgain(deps: Deps, id: string, open: Open, came: Again): Promise<void> {
  const { again, fix, tries, waitsFor } = came;
  if ((open.entry.tries?.[waitsFor] ?? 0) < tries) {
    postponed(deps, id, again);
    return postpone(deps, open, came);
  }
  const why = fix === undefined ? again : `${again}. ${fix}`;
  deps.report('error', 'an event was given up', { event: id, why });
  return finish(deps, open, `failed: ${why}`);
}

async function fold(deps: Deps, older: Waiting, newer: Waiting): Promise<void> {
  const open = await readOpen(deps, older.id);
  if (open === undefined) return;
  await handOn(deps, open, newer.id);
  await finish(deps, open, `folded: version ${newer.modCount} of the incident is considered for it`);
}

function postponed(deps: Deps, id: string, why: string): void {
  deps.report('warn', 'an event could not be processed yet', { event: id, why });
}

function tooFast(deps: Deps, what: keyof IntakeLimits, key: string, until: Date): void {
  const said = {
    perIncident: 'an incident changes too often; its events are kept and considered later',
    perCi: 'there are too many incidents on one item; their events are kept and considered later',
    refusals: 'more deliveries are refused than are written down',
  } as const;
  deps.report('warn', said[what], { ...(key === '' ? {} : { sysId: key }), until: until.toISOString() });
}
