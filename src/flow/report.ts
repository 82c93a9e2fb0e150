import { AppError, messageOf } from '../domain/errors.ts';
import type { EventType } from '../domain/events.ts';
import { ownerOf } from '../domain/ownership.ts';
import { nameOf, type Person, system } from '../domain/people.ts';
import { type Mention, type Report, reportsDue } from '../domain/reports.ts';
import { type Run, requesterOf } from '../domain/run.ts';
import { viewOf } from '../domain/run-view.ts';
import { logName } from '../domain/threads.ts';
import type { CardRef } from '../ports.ts';
import { attachFile } from './artifacts.ts';
import { proposeRest } from './continue.ts';
import { readControl } from './control.ts';
import type { Deps } from './deps.ts';
import { readEvidence } from './evidence.ts';
import { onCallOf } from './groups.ts';
import { throwIfPassing } from './intake-runs.ts';
import { engineOrigin } from './origin.ts';
import { askOwner, redrawOwner } from './report-owner.ts';
import { attachSeries } from './series.ts';
import type { Session } from './session.ts';
import { type Told, tellIncident } from './tell-incident.ts';
import { tellOnCall } from './tell-on-call.ts';
import { isItsTurn, ticketReports } from './ticket-turn.ts';

/** A report nobody could deliver for this long is given up, and the record says so. */
const GIVE_UP_MS = 86_400_000;

/** Tells everybody what the log says they have to know. Answers when to try again what failed. */
export async function report(
  deps: Deps,
  session: Session,
  drawn: Map<string, string>,
): Promise<Date | undefined> {
  const shown = await showCard(deps, session, drawn);
  const due = reportsDue(session.run);
  const lane = (...to: Report['to'][]) => due.filter((one) => to.includes(one.to));
  const retries = await Promise.all([
    tellTicket(deps, session, lane(...ticketReports)),
    inOrder(deps, session, lane('card', 'thread')),
    inOrder(deps, session, lane('requester')),
    inOrder(deps, session, lane('on-call')),
    inOrder(deps, session, lane('next')),
    inOrder(deps, session, lane('owner', 'owner-card')),
  ]);
  return earliest(shown, ...retries);
}

/** In order also with what an earlier run of the same incident has to tell it. */
async function tellTicket(deps: Deps, session: Session, lane: readonly Report[]): Promise<Date | undefined> {
  if (lane.length === 0) return undefined;
  return (await isItsTurn(deps, session.run)) ? inOrder(deps, session, lane) : retryAt(deps, session.run);
}

/** One after the other; the first that has to be tried again holds the ones behind it. */
async function inOrder(deps: Deps, session: Session, lane: readonly Report[]): Promise<Date | undefined> {
  for (const one of lane) {
    const told = await deliver(deps, session, one);
    if (told === 'later') return retryAt(deps, session.run);
    await session.decide({
      name: 'reported',
      key: one.key,
      ...told,
      by: system('engine'),
      origin: engineOrigin,
    });
  }
  return undefined;
}

/** 'later' when it is worth another try. */
async function deliver(deps: Deps, session: Session, one: Report): Promise<Told | 'later'> {
  try {
    return one.to === 'ticket'
      ? await tellIncident(deps, session.run, one.key, one.note)
      : { note: await send(deps, session, one) };
  } catch (error) {
    note(deps, session, `${one.key} could not be delivered`, error);
    const final = error instanceof AppError && !error.retryable;
    const waited = deps.clock.now().getTime() - Date.parse(session.run.entries.at(-1)?.at ?? '');
    if (!final && waited < GIVE_UP_MS) return 'later';
    const fix = error instanceof AppError ? error.fix : '';
    return { note: `not delivered: ${messageOf(error)}. ${fix}`.trim() };
  }
}

/** '' when it was delivered, or why it never can be. */
async function send(
  deps: Deps,
  session: Session,
  one: Exclude<Report, { readonly to: 'ticket' }>,
): Promise<string> {
  const { run } = session;
  const sysId = run.proposal?.incident.sysId ?? '';
  switch (one.to) {
    case 'attachments': {
      const text = await readEvidence(deps, one.ref);
      if (text === undefined) return 'not delivered: the log is gone';
      const name = logName(run.runId, one.step);
      await deps.itsm.attach({ sysId, name, type: 'text/plain', bytes: new TextEncoder().encode(text) });
      return '';
    }
    case 'file':
      return attachFile(deps, run, one.step, one.file);
    case 'series':
      return attachSeries(deps, run, sysId, one.runs);
    case 'card':
      return redraw(deps, run);
    case 'thread':
      await deps.chat.reply(cardOf(run), one.text, await mentioned(deps, run, one.mention));
      return '';
    case 'requester':
      return tellRequester(deps, run);
    case 'on-call':
      return tellOnCall(deps, one);
    case 'next':
      return proposeNext(deps, run);
    case 'owner':
      return askOwner(deps, session, one.owner);
    case 'owner-card':
      return redrawOwner(deps, run);
  }
}

/** What no card shows. Drawing a card anew for it would wipe the answer to the click that was refused off the card. */
const unseen: readonly EventType[] = ['reported', 'card-posted', 'owner-asked', 'command-refused'];

/** Posts the card once, and redraws it whenever the run has moved since this process last drew it. */
async function showCard(deps: Deps, session: Session, drawn: Map<string, string>): Promise<Date | undefined> {
  try {
    await drawCard(deps, session, drawn);
    return undefined;
  } catch (error) {
    note(deps, session, 'the card could not be drawn', error);
    return retryAt(deps, session.run);
  }
}

async function drawCard(deps: Deps, session: Session, drawn: Map<string, string>): Promise<void> {
  const { run } = session;
  const control = await readControl(deps);
  const sight = deps.sights.get(run.runId)?.sight;
  const view = viewOf(run, control, sight);
  if (view === undefined || run.proposal === undefined) return;
  const moved = `${run.entries.filter(({ type }) => !unseen.includes(type)).length} ${control.stopped?.at ?? ''} ${view.progress?.at ?? ''}`;
  if (run.card === undefined) {
    const ref = await deps.chat.post(run.proposal.channel, view);
    await session.decide({ name: 'card-posted', ...ref, by: system('engine'), origin: ref });
  } else if (drawn.get(run.runId) !== moved && run.closed === undefined) {
    await deps.chat.update(run.card, view);
  }
  drawn.set(run.runId, moved);
}

async function redraw(deps: Deps, run: Run): Promise<string> {
  const view = viewOf(run);
  if (view !== undefined) await deps.chat.update(cardOf(run), view);
  return '';
}

/** Somebody let the rest of this run be proposed; whoever asked for that may have died before it was. */
async function proposeNext(deps: Deps, run: Run): Promise<string> {
  const reply = await proposeRest(deps, run);
  throwIfPassing(reply);
  return reply.ok ? '' : `not proposed: ${reply.refusal.message}`;
}

function cardOf({ card }: Run): CardRef {
  if (card) return card;
  const fix = 'Check that the app is installed in the team of the channel.';
  throw new AppError({
    code: 'chat-unreachable',
    message: 'the card is not posted yet',
    fix,
    retryable: true,
  });
}

/** Who is notified: those involved, or whoever is on call; a message that names nobody is better than none. */
async function mentioned(deps: Deps, run: Run, mention: Mention): Promise<readonly Person[]> {
  if (mention === 'involved') return involvedIn(run);
  if (mention === 'owner') return [ownerOf(run.parameters, deps.tenant)].filter((one) => one !== undefined);
  const onCall = await Promise.all(mention.onCall.map((group) => onCallNow(deps, run, group)));
  return eachOnce([...onCall.flat(), ...(mention.involved ? involvedIn(run) : [])]);
}

function involvedIn(run: Run): readonly Person[] {
  const voters = [...(run.approval?.votes ?? []), ...(run.rollback?.votes ?? [])].map((vote) => vote.by);
  const requester = requesterOf(run);
  const people = [...(requester ? [requester] : []), ...voters];
  return eachOnce(people.filter((one) => one.kind === 'person'));
}

/** Ids are compared in lower case: not all systems write them alike. */
const eachOnce = (people: readonly Person[]): readonly Person[] => [
  ...new Map(people.map((person) => [person.id.toLowerCase(), person])).values(),
];

async function onCallNow(deps: Deps, run: Run, group: string): Promise<readonly Person[]> {
  try {
    return await onCallOf(deps, group);
  } catch (error) {
    deps.report('warn', 'nobody could be found on call', { run: run.runId, group, why: messageOf(error) });
    return [];
  }
}

async function tellRequester(deps: Deps, run: Run): Promise<string> {
  const requester = requesterOf(run);
  if (requester?.kind !== 'person' || run.closed === undefined) return '';
  const { outcome, reason, nextAction } = run.closed;
  const text = `${run.proposal?.incident.number} ${run.proposal?.runbook.title}: ${outcome}. ${reason}. ${nextAction}`;
  const told = await deps.chat.tell(requester, text);
  return told ? '' : `not delivered: ${nameOf(requester)} has no chat with the bot`;
}

/** Half the time since the run last moved, between 1 s and 5 min: quick at first, then patient. */
function retryAt(deps: Deps, run: Run): Date {
  const now = deps.clock.now().getTime();
  const since = now - Date.parse(run.entries.at(-1)?.at ?? '');
  return new Date(now + Math.min(300_000, Math.max(1_000, since / 2)));
}

function note(deps: Deps, session: Session, message: string, error: unknown): void {
  deps.report('warn', message, { run: session.run.runId, why: messageOf(error) });
}

/** The earliest of the given times, if there is one. */
export function earliest(...times: readonly (Date | undefined)[]): Date | undefined {
  const set = times.filter((time) => time !== undefined);
  return set.length === 0 ? undefined : new Date(Math.min(...set.map((time) => time.getTime())));
}
