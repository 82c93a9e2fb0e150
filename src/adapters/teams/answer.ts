import type { Card } from '../../../cards/card.ts';
import type { Refusal } from '../../domain/commands.ts';
import { AppError } from '../../domain/errors.ts';
import type { RunView } from '../../domain/view.ts';
import type { Cards } from './cards.ts';

/** What a person gets back, whichever door they came through. */
export type Answer = {
  /** False: refused, or it failed. */
  readonly ok: boolean;
  /** Said in words; '' when the card says it all. */
  readonly text: string;
  /** Replaces the card that was clicked. */
  readonly card?: Card;
  /** What the notification of the card says. */
  readonly summary?: string;
  /** Post the card when the person did not click one. */
  readonly post?: boolean;
  /** Names what went wrong when the request itself was not understood. */
  readonly error?: string;
};

export const said = (text: string): Answer => ({ ok: true, text });
export const refused = (text: string): Answer => ({ ok: false, text });
export const misunderstood = (error: string, text: string): Answer => ({ ok: false, text, error });

/** A card that is posted when the person typed. */
export const posted = (card: Card, summary: string): Answer => ({
  ok: true,
  text: '',
  card,
  summary,
  post: true,
});

export async function runAnswer(
  cards: Pick<Cards, 'run' | 'summary'>,
  view: RunView,
  text: string,
): Promise<Answer> {
  return { ok: true, text, card: await cards.run(view), summary: cards.summary(view) };
}

/** Refusals that mean: the card you clicked no longer shows how things are. */
const outdated: readonly string[] = [
  'stale-card',
  'plan-changed',
  'already-decided',
  'already-ended',
  'already-running',
  'expired',
] satisfies Refusal['code'][];

/** A refusal in words. */
export function refusalText({ message, fields, nextAction }: Refusal): string {
  // some messages name the fields already
  const more = fields
    .map((one) => `${one.field}: ${one.message}`)
    .filter((line) => !message.includes(line))
    .map((line) => `${line}.`);
  const said = /[.!?]$/.test(message) || message === '' ? message : `${message}.`;
  return [said, ...more, nextAction].join(' ').trim();
}

/** A refusal in words, and the card as it is now when the one that was clicked is out of date. */
export async function refusalAnswer(
  cards: Pick<Cards, 'run' | 'summary'>,
  refusal: Refusal,
  view: RunView | undefined,
): Promise<Answer> {
  const answer = refused(refusalText(refusal));
  if (view === undefined || !outdated.includes(refusal.code)) return answer;
  const post = refusal.code === 'stale-card' || refusal.code === 'plan-changed';
  return { ...answer, card: await cards.run(view), summary: cards.summary(view), post };
}

/** What a person is told when something broke: what to do, and the reference under which it is in the log. */
export function failure(error: unknown, reference: string): Answer {
  const fix =
    error instanceof AppError ? error.fix : 'Something went wrong. Try again, or tell the operators.';
  return misunderstood('Failed', `${fix} Reference: ${reference}.`);
}
