import { ActivityTypes, type TurnContext } from 'botbuilder';
import type { Ids } from '../../ports.ts';
import { type Incoming, originOf, personOf } from './activity.ts';
import { type Answer, failure, misunderstood } from './answer.ts';
import type { Cards } from './cards.ts';
import type { coalesced } from './clicks.ts';
import type { Conversations } from './conversations.ts';
import { type InvokeBody, invokeBody } from './invoke-response.ts';
import type { Log } from './log.ts';
import { commandText } from './mention.ts';
import { cardMessage, textMessage } from './messages.ts';
import type { Perform } from './perform.ts';
import type { TextCommands } from './text-commands.ts';
import type { Turn } from './turn.ts';

export type HandleOptions = {
  readonly cards: Cards;
  readonly known: Conversations;
  readonly perform: Perform;
  readonly words: TextCommands;
  readonly clicks: ReturnType<typeof coalesced>;
  readonly ids: Pick<Ids, 'ulid'>;
  readonly log: Log;
};
export type Handled = InvokeBody | 'not-implemented' | undefined;

/**
 * Handles one admitted activity. For an invoke `reply` takes the body of the HTTP answer; it says false when the
 * deadline was missed, and then what went wrong is said in the conversation instead.
 */
export function handling(options: HandleOptions) {
  const { cards, perform, words, clicks } = options;
  const answering = answered(options);
  const act = (turn: Turn, value: unknown) => {
    const parsed = cards.parseAction(value);
    if (!parsed.ok) return Promise.resolve(misunderstood('UnknownAction', parsed.reason));
    const { by } = turn;
    const key = [by.tenant, by.id, turn.origin.conversation, turn.activity.replyToId, parsed.action];
    return clicks(key, () => perform(turn, parsed.action));
  };
  const message = async (context: TurnContext, activity: Incoming) => {
    const submitted = typeof activity.value === 'object' && activity.value !== null;
    const answer = await answering(context, activity, submitted ? 'submit' : 'text', (turn) =>
      submitted ? act(turn, activity.value) : words(turn, commandText(activity)),
    );
    await say(context, answer);
  };
  return async (
    context: TurnContext,
    activity: Incoming,
    reply: (body: Handled) => boolean,
  ): Promise<void> => {
    await remembered(options, activity);
    if (activity.type === ActivityTypes.Message) return message(context, activity);
    if (activity.type !== ActivityTypes.Invoke) return greet(options, context, activity);
    if (activity.name !== 'adaptiveCard/action') {
      reply('not-implemented');
      return;
    }
    const answer = await answering(context, activity, 'execute', (turn) => act(turn, activity.value));
    const inTime = reply(invokeBody(answer));
    if (!inTime && !answer.ok) await say(context, { ok: false, text: answer.text });
  };
}

/** A conversation that could not be remembered is remembered next time; it is no reason to leave a person waiting. */
async function remembered({ known, log }: HandleOptions, activity: Incoming): Promise<void> {
  try {
    await known.remember(activity);
  } catch (error) {
    log({ level: 'warn', message: 'a conversation was not remembered', error });
  }
}

/** Establishes who asks, and turns what breaks into an answer that says what to do. Logged once, here. */
function answered({ ids, log }: HandleOptions) {
  return async (
    context: TurnContext,
    activity: Incoming,
    door: Turn['door'],
    work: (turn: Turn) => Promise<Answer>,
  ): Promise<Answer> => {
    const by = personOf(activity);
    if (by === undefined)
      return misunderstood(
        'NoIdentity',
        'Teams did not say who you are. Sign in with your work account and try again.',
      );
    try {
      return await work({ context, activity, by, origin: originOf(activity), door });
    } catch (error) {
      const reference = ids.ulid();
      log({ level: 'error', message: 'a request of a person failed', reference, error });
      return failure(error, reference);
    }
  };
}

/** Says an answer in the conversation: the words, then the card. One activity would be split by Teams. */
async function say(context: TurnContext, { text, card, summary, post }: Answer): Promise<void> {
  if (text !== '') await context.sendActivity(textMessage(text));
  if (post === true && card !== undefined) await context.sendActivity(cardMessage(card, summary ?? ''));
}

/** Install events come again and again; a conversation is welcomed once. */
async function greet(
  { known, cards }: HandleOptions,
  context: TurnContext,
  activity: Incoming,
): Promise<void> {
  const { type, action, conversation } = activity;
  const installed = type === ActivityTypes.InstallationUpdate && action?.startsWith('add') === true;
  const joined = (context.activity.membersAdded ?? []).some(({ id }) => id === activity.recipient.id);
  if (!installed && !joined) return;
  if (await known.firstWelcome(conversation.id))
    await context.sendActivity(cardMessage(cards.welcome(), 'Handrail is here'));
}
