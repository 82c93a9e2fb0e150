import { AppError } from '../../domain/errors.ts';
import type { Person } from '../../domain/people.ts';
import type { Chat } from '../../ports.ts';
import type { Cards } from './cards.ts';
import type { Connector, Outgoing } from './connector.ts';
import { isGone } from './connector-error.ts';
import type { ConversationRef, Conversations } from './conversations.ts';
import { cardMessage, mentionMessage, textMessage } from './messages.ts';
import { isUnreachable, personalChats } from './personal-chat.ts';

/**
 * Microsoft Teams as the flow sees it. `home` is the way to a channel before the bot has heard anything from its team.
 * Throws AppError `chat-unreachable` or `chat-refused`.
 */
export function teamsChat(
  connector: Connector,
  known: Conversations,
  cards: Pick<Cards, 'run' | 'summary' | 'owner' | 'asking'>,
  home?: ConversationRef,
): Chat {
  const way = async (conversation: string): Promise<ConversationRef> => {
    const ref = await known.find(conversation);
    if (ref === undefined) throw unknownConversation(conversation);
    return ref;
  };
  const personal = personalChats(connector, known, home);
  /** Says something to one person; undefined when they cannot be reached. */
  const inPerson = async (person: Person, message: Outgoing) => {
    const ref = await personal.find(person);
    if (ref === undefined) return undefined;
    try {
      return { ref, activity: await connector.send(ref, ref.conversation, message) };
    } catch (error) {
      if (!isUnreachable(error)) throw error;
      await known.forgetPersonal(person);
      return undefined;
    }
  };
  return {
    async post(channel, view) {
      const ref = (await known.find(channel)) ?? (await known.latestTeam()) ?? home;
      if (ref === undefined) throw unknownConversation(channel);
      const message = cardMessage(await cards.run(view), cards.summary(view));
      const posted = await connector.startThread(ref, channel, message);
      // Redrawing has to find the way again, also into a channel nobody has written in.
      await known.save({ ...ref, conversation: channel });
      return posted;
    },
    async update({ conversation, activity }, view) {
      const ref = await known.find(conversation);
      if (ref === undefined) return;
      const message = cardMessage(await cards.run(view), cards.summary(view));
      await connector.update(ref, conversation, activity, message).catch(unlessGone);
    },
    async reply({ conversation }, text, mention) {
      await connector.send(await way(conversation), conversation, mentionMessage(text, mention));
    },
    async askOwner(owner, view) {
      const message = cardMessage(cards.owner(view), cards.asking(view));
      const asked = await inPerson(owner, message);
      // redrawing has to find the way again
      if (asked !== undefined) await known.save(asked.ref);
      return asked && { conversation: asked.ref.conversation, activity: asked.activity };
    },
    async updateOwner({ conversation, activity }, view) {
      const ref = await known.find(conversation);
      if (ref === undefined) return;
      const message = cardMessage(cards.owner(view), cards.summary(view));
      await connector.update(ref, conversation, activity, message).catch(unlessGone);
    },
    tell: async (person, text) => (await inPerson(person, textMessage(text))) !== undefined,
  };
}

function unlessGone(error: unknown): void {
  if (!isGone(error instanceof AppError ? error.cause : error)) throw error;
}

const unknownConversation = (conversation: string) =>
  new AppError({
    code: 'chat-refused',
    message: `the bot has never been in the conversation ${conversation}`,
    fix: 'Add the app to the team or chat and mention the bot there once, so that it learns the way.',
  });
