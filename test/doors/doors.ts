import { parseCardAction } from '../../cards/actions.ts';
import { CONTROL } from '../../src/domain/control.ts';
import { system } from '../../src/domain/people.ts';
import { clicked, submitted, tenant, typed } from '../fakes/teams.ts';
import { nobody, type Try } from './rule.ts';
import { person, type Stage } from './stage.ts';

/** What came of a try: the code of the answer, or how it was turned away before anything was asked. */
export type Went = string;
type Door = (stage: Stage, tries: Try) => Promise<Went | undefined>;

const control: readonly string[] = ['stop', 'resume'];
/** The run that would go on. */
const NEXT = '01JD8Z6N3V6Q4W8X2Y5A7K2QDN';
const somebody = (id: string) =>
  id === nobody ? { id: '29:nobody', name: 'arne' } : { id: `29:${id}`, name: id, aadObjectId: id };

/** What a button sends. The ids of its inputs are those of the cards. */
const dataOf = ({ run }: Stage, { revision = 1, card, reason, values = {} }: Try): object => ({
  run,
  revision,
  ...(card === undefined ? {} : { card }),
  ...(reason === undefined ? {} : { reason, glassReason: reason }),
  ...Object.fromEntries(Object.entries(values).map(([name, value]) => [`p_${name}`, value])),
});

const wordsOf = ({ code }: Stage, { ask, revision, card, reason = '', values = {} }: Try) => {
  if (card !== undefined) return undefined;
  const plan = revision === undefined ? '' : String(revision);
  const given = Object.entries(values).map(([name, value]) => `${name}=${value}`);
  if (control.includes(ask)) return `${ask} ${reason}`;
  if (ask === 'review') return `review ${code} justified ${reason}`;
  if (ask === 'settle') return `settle ${code} did-not-run ${reason}`;
  if (ask === 'approve' || ask === 'narrow' || ask === 'break-glass')
    return [ask, code, plan, ...given, reason].filter((part) => part !== '').join(' ');
  return `${ask} ${code} ${reason}`.trim();
};

/** What the desk answered; the person must have been told it in words. */
async function through(stage: Stage, activity: object, by: string, from: Try): Promise<Went> {
  const before = stage.replies.length;
  stage.said();
  const answer = await stage.post({ ...inTenant(activity, from.tenant), from: somebody(by) });
  if (answer.status !== 200) return `http ${answer.status}`;
  const told = `${answer.text}\n${stage.said()}`;
  const reply = stage.replies[before];
  if (reply === undefined) return told.includes('did not say who you are') ? 'no identity' : 'not asked';
  if (reply.ok) return reply.changed ? 'accepted' : 'known already';
  const { code, message } = reply.refusal;
  const isTold = told.includes(JSON.stringify(message).slice(1, -1)) || outdated.includes(code);
  return isTold ? code : `${code}, not told`;
}

/** These answer a click with the card as it is now. */
const outdated = [
  'stale-card',
  'plan-changed',
  'already-decided',
  'already-ended',
  'already-running',
  'expired',
];

const inTenant = (activity: object, of = tenant): object => {
  const { conversation = {} } = activity as { conversation?: object };
  return {
    ...activity,
    conversation: { ...conversation, tenantId: of },
    channelData: { tenant: { id: of } },
  };
};

const verbOf = ({ ask }: Try): string => (ask === 'settle' ? 'settle-did-not-run' : ask);

const canClick = (stage: Stage, tries: Try): boolean =>
  parseCardAction({ verb: verbOf(tries), ...dataOf(stage, tries) }).ok;

const execute: Door = async (stage, tries) =>
  canClick(stage, tries)
    ? through(stage, clicked(verbOf(tries), dataOf(stage, tries)), tries.who, tries)
    : undefined;

const submit: Door = async (stage, tries) =>
  canClick(stage, tries)
    ? through(stage, submitted(verbOf(tries), dataOf(stage, tries)), tries.who, tries)
    : undefined;

const words: Door = async (stage, tries) => {
  const text = wordsOf(stage, tries);
  return text === undefined ? undefined : through(stage, typed(text), tries.who, tries);
};

const commandOf = ({ ask, revision, card, reason = '', values }: Try): object => {
  const shown = { ...(revision === undefined ? {} : { revision }), ...(card === undefined ? {} : { card }) };
  if (ask === 'settle') return { name: ask, word: 'did-not-run', reason };
  if (ask === 'continue') return { name: ask, next: NEXT };
  if (ask === 'review') return { name: ask, verdict: 'justified', note: reason };
  if (ask === 'approve') return { name: ask, ...shown };
  if (ask === 'narrow') return { name: ask, ...shown, values };
  if (ask === 'reject' || ask === 'break-glass') return { name: ask, ...shown, reason };
  return { name: ask, reason };
};

const asked = async (stage: Stage, tries: Try, by: Parameters<Stage['submit']>[0]): Promise<Went> => {
  const reply = await stage.submit(by, commandOf(tries), control.includes(tries.ask) ? CONTROL : stage.run);
  if (reply.ok) return reply.changed ? 'accepted' : 'known already';
  return reply.refusal.code;
};

/** The engine's own call, which an API of ours would make too. */
const api: Door = async (stage, tries) =>
  tries.who === nobody ? undefined : asked(stage, tries, person(tries.who, tries.tenant));

/** A part of the system says what only people may say. */
const timer: Door = (stage, tries) => asked(stage, tries, system('timer'));

/** An event names an incident, and whatever else somebody wrote into it. */
const event: Door = async (stage, tries) => {
  const status = await stage.event(`event-${stage.run}`, {
    ...dataOf(stage, tries),
    ...commandOf(tries),
    by: tries.who,
  });
  return status === 400 || status === 202 ? 'cannot ask' : `http ${status}`;
};

/** Every door by name; undefined where it cannot carry what is tried. */
export const doors: Readonly<Record<string, Door>> = {
  'card Execute': execute,
  'card Submit': submit,
  'text command': words,
  'engine and API': api,
  timer,
  'ServiceNow event': event,
};
