import type { CardAction } from '../../../cards/actions.ts';
import type { Command } from '../../domain/commands.ts';
import type { Desk } from '../../flow/desk.ts';
import { type Answer, refusalAnswer, refused, runAnswer } from './answer.ts';
import type { Cards } from './cards.ts';
import type { Forms } from './forms.ts';
import type { Turn } from './turn.ts';

/** A click, or the words that mean the same. Words name no plan: they are about the current one. */
export type Action =
  | (CardAction extends infer One
      ? One extends CardAction
        ? Omit<One, 'revision'> & { readonly revision?: number }
        : never
      : never)
  | { readonly verb: 'review'; readonly run: string; readonly verdict: Verdict; readonly note: string };
export type Verdict = Extract<Command, { name: 'review' }>['verdict'];

export type PerformOptions = {
  readonly desk: Pick<Desk, 'submit' | 'view' | 'continue'>;
  readonly cards: Cards;
  readonly forms: Forms;
};

/** Does what a card's button says. Cards, their fallback and text commands all come here. */
export function performing({ desk, cards, forms }: PerformOptions) {
  const decide = async (run: string, command: Command): Promise<Answer> => {
    const reply = await desk.submit(run, command);
    const view = await desk.view(run);
    if (!reply.ok) return refusalAnswer(cards, reply.refusal, view);
    if (view === undefined) return refused('There is no such run.');
    return runAnswer(cards, view, `${reply.changed ? 'Recorded.' : 'Known already.'} ${cards.summary(view)}`);
  };
  const goOn = async ({ by, origin, door, activity }: Turn, run: string): Promise<Answer> => {
    const proposed = await desk.continue(run, by, origin);
    if (!proposed.ok) return refused(`${proposed.message} ${proposed.nextAction}`.trim());
    const text = `Continued as run ${proposed.code}. ${cards.summary(proposed.view)}`;
    // a click is answered with the card it was made on; the new run posts its own in the channel
    const before = door === 'text' ? undefined : await desk.view(run);
    if (before !== undefined) return runAnswer(cards, before, text);
    const answer = await runAnswer(cards, proposed.view, text);
    return { ...answer, post: activity.conversation.conversationType === 'personal' };
  };
  const answerOwner = async (run: string, command: Command): Promise<Answer> => {
    const reply = await desk.submit(run, command);
    const view = await desk.view(run);
    if (view === undefined) return refused('There is no such run.');
    const card = cards.owner(view);
    if (reply.ok) return { ok: true, text: '', card, summary: cards.summary(view), post: true };
    const answer = await refusalAnswer(cards, reply.refusal, view);
    // the card of an owner never turns into the one of the channel
    return answer.card === undefined ? answer : { ...answer, card, post: false };
  };
  return async (turn: Turn, action: Action): Promise<Answer> => {
    const { by, origin } = turn;
    const { run } = action;
    switch (action.verb) {
      case 'parameters':
        return forms.open(turn, run);
      case 'confirm':
        return forms.click(turn, run, 'confirm', action.values);
      case 'dismiss':
        return forms.click(turn, run, 'cancel', {});
      case 'mine':
        return answerOwner(run, { name: 'answer-ownership', by, origin, mine: true, reason: '' });
      case 'not-mine':
        return answerOwner(run, { name: 'answer-ownership', by, origin, mine: false, reason: action.reason });
      case 'approve':
        return decide(run, { name: action.verb, by, origin, ...shown(action) });
      case 'reject':
      case 'break-glass': {
        const { verb: name, reason } = action;
        return decide(run, { name, by, origin, reason, ...shown(action) });
      }
      case 'narrow':
        return decide(run, { name: 'narrow', by, origin, values: action.values, ...shown(action) });
      case 'review':
        return decide(run, { name: 'review', by, origin, verdict: action.verdict, note: action.note });
      case 'settle':
        return decide(run, { name: 'settle', by, origin, word: action.word, reason: action.reason });
      case 'continue':
        return goOn(turn, run);
      case 'withdraw':
      case 'cancel':
        return decide(run, { name: action.verb, by, origin, reason: action.reason });
    }
  };
}
export type Perform = ReturnType<typeof performing>;

/** The plan and the card a vote is about. */
const shown = ({ revision, card }: Shown) => ({
  ...(revision === undefined ? {} : { revision }),
  ...(card === undefined ? {} : { card }),
});
type Shown = { readonly revision?: number; readonly card?: string | undefined };
