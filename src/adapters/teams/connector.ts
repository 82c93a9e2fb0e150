import type { ConversationParameters } from 'botbuilder';
import {
  AuthenticationConstants,
  type BotFrameworkAuthentication,
  ClaimsIdentity,
  type ConnectorClient,
} from 'botframework-connector';
import { AppError } from '../../domain/errors.ts';
import { chatError } from './connector-error.ts';
import { type PolicyOptions, withConnectorPolicy } from './connector-policy.ts';
import type { ConversationRef } from './conversations.ts';

/** An activity we send. Either text or one card, never both: Teams would split it and lose the id. */
export type Outgoing = Readonly<Record<string, unknown>> & { readonly type: 'message' };

/** The connector's REST calls we make outside a turn. All throw AppError `chat-unreachable` or `chat-refused`. */
export interface Connector {
  /** Starts a thread in a channel; answers its conversation and root message. */
  startThread(
    ref: ConversationRef,
    channel: string,
    message: Outgoing,
  ): Promise<{ conversation: string; activity: string }>;
  /** Opens the chat of one person (Entra object id) with the bot, or finds the one there is; answers its conversation. */
  openPersonal(ref: ConversationRef, person: string): Promise<string>;
  send(ref: ConversationRef, conversation: string, message: Outgoing): Promise<string>;
  update(ref: ConversationRef, conversation: string, activity: string, message: Outgoing): Promise<void>;
}

export type ConnectorOptions = PolicyOptions & {
  readonly authentication: BotFrameworkAuthentication;
  readonly appId: string;
};

export function connector(options: ConnectorOptions): Connector {
  const client = async (serviceUrl: string): Promise<ConnectorClient> => {
    // The URL comes from the store, so it is judged again before our token goes there.
    if (!options.serviceUrls(serviceUrl))
      throw new AppError({
        code: 'chat-refused',
        message: 'the stored service URL is not a Teams host',
        fix: 'Write anything to the bot in that conversation, so that it learns the address again.',
      });
    const { authentication, appId } = options;
    const claims = [AuthenticationConstants.AudienceClaim, AuthenticationConstants.AppIdClaim];
    const identity = new ClaimsIdentity(claims.map((type) => ({ type, value: appId })));
    const factory = withConnectorPolicy(authentication.createConnectorFactory(identity), options);
    return factory.create(serviceUrl);
  };
  return {
    startThread: (ref, channel, message) =>
      calling('to a new thread', async () => {
        const parameters = {
          isGroup: true,
          bot: ref.bot,
          tenantId: ref.tenant,
          channelData: { channel: { id: channel }, tenant: { id: ref.tenant } },
          activity: message,
        };
        const { conversations } = await client(ref.serviceUrl);
        const made = await conversations.createConversation(parameters as unknown as ConversationParameters);
        const root = /;messageid=([^;]+)/.exec(made.id)?.[1];
        return { conversation: made.id, activity: made.activityId || root || '' };
      }),
    openPersonal: (ref, person) =>
      calling('to a personal chat', async () => {
        const parameters = {
          isGroup: false,
          bot: ref.bot,
          tenantId: ref.tenant,
          members: [{ id: person }],
          channelData: { tenant: { id: ref.tenant } },
        };
        const { conversations } = await client(ref.serviceUrl);
        return (await conversations.createConversation(parameters as unknown as ConversationParameters)).id;
      }),
    send: (ref, conversation, message) =>
      calling('to a message', async () => {
        const { conversations } = await client(ref.serviceUrl);
        return (await conversations.sendToConversation(conversation, message)).id;
      }),
    update: (ref, conversation, activity, message) =>
      calling('to a changed message', async () => {
        const { conversations } = await client(ref.serviceUrl);
        await conversations.updateActivity(conversation, activity, { ...message, id: activity });
      }),
  };
}

async function calling<T>(doing: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw chatError(error, doing);
  }
}
