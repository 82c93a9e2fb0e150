import { AppError } from '../../domain/errors.ts';
import type { Person } from '../../domain/people.ts';
import type { Connector } from './connector.ts';
import { connectorFailure, isGone } from './connector-error.ts';
import type { ConversationRef, Conversations } from './conversations.ts';

type Who = Pick<Person, 'id' | 'tenant'>;

/**
 * The way to a person's own chat with the bot. One that is not known yet is opened, which Teams allows when the app is
 * installed for them (learn.microsoft.com, "Send proactive messages"): opening it twice gives the same chat.
 */
export function personalChats(connector: Connector, known: Conversations, home?: ConversationRef) {
  async function open(person: Who): Promise<ConversationRef | undefined> {
    const via = (await known.latestTeam()) ?? home;
    // our token must not carry somebody of another organisation into this one
    if (via === undefined || via.tenant !== person.tenant) return undefined;
    try {
      const ref = { ...via, conversation: await connector.openPersonal(via, person.id) };
      await known.savePersonal(person, ref);
      return ref;
    } catch (error) {
      if (isUnreachable(error)) return undefined;
      throw error;
    }
  }

  return {
    /** Undefined when the person cannot be reached by the bot. */
    async find(person: Who): Promise<ConversationRef | undefined> {
      return (await known.personal(person)) ?? open(person);
    },
  };
}

/** The person has not installed, or has blocked or removed the bot, or there is no such person or chat. */
export function isUnreachable(error: unknown): boolean {
  const cause = error instanceof AppError ? error.cause : error;
  const { status, code } = connectorFailure(cause);
  // Microsoft's Agents Playground says it so, with status 500
  return isGone(cause) || status === 403 || status === 400 || code === 'UserNotFound';
}
