import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Activity, CloudAdapter, type TurnContext } from 'botbuilder';
import type { BotFrameworkAuthentication } from 'botframework-connector';
import { AppError } from '../../domain/errors.ts';
import type { Desk } from '../../flow/desk.ts';
import type { Chat, Clock, Ids, StateStore } from '../../ports.ts';
import { admission } from './admission.ts';
import { type BotIdentity, botAuthentication, channelIssuer } from './authentication.ts';
import { type Cards, teamsCards } from './cards.ts';
import { teamsChat } from './chat.ts';
import { coalesced } from './clicks.ts';
import { connector } from './connector.ts';
import {
  type ConnectorLimits,
  defaultLimits,
  lanes,
  type PolicyOptions,
  withConnectorPolicy,
} from './connector-policy.ts';
import { type ConversationRef, type Conversations, conversations } from './conversations.ts';
import { dialogStorage } from './dialog-storage.ts';
import { keepCards } from './drawn-cards.ts';
import { formOwners } from './form-owners.ts';
import { forms } from './forms.ts';
import { handling } from './handle.ts';
import type { Log } from './log.ts';
import { messagesRoute, type RunTurn } from './messages-route.ts';
import { performing } from './perform.ts';
import { connectorUrls, loopbackUrls } from './service-url.ts';
import { textCommands } from './text-commands.ts';

export type TeamsBotOptions = {
  readonly identity: BotIdentity;
  /** Entra tenants that are let in. Only the sandbox may leave this empty, which lets any tenant in. */
  readonly tenants: readonly string[];
  readonly desk: Desk;
  readonly store: StateStore;
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'ulid'>;
  readonly log: Log;
  /** How the connector is reached before the bot has heard from any team, e.g. right after a restore. */
  readonly home?: Omit<ConversationRef, 'conversation'>;
  /** Connector hosts (with port) besides the known ones, for other clouds. */
  readonly serviceHosts?: readonly string[];
  /**
   * A person sees an answer to a click within this time, whatever happens. Teams gives up somewhere between 5 and 15 s
   * (msteams-docs issues 6461 and 13460), and then repeats the click.
   */
  readonly deadlineMs?: number;
  readonly limits?: Partial<ConnectorLimits>;
  /** Takes the place of the SDK's authentication against Microsoft's servers. */
  readonly authentication?: BotFrameworkAuthentication;
  readonly sleep?: (ms: number) => Promise<unknown>;
};

export interface TeamsBot {
  /** Answers `POST /api/messages`; the body is parsed, and limited in size, already. */
  process(request: IncomingMessage & { readonly body?: unknown }, response: ServerResponse): Promise<void>;
  readonly chat: Chat;
  /** Waits for the turns in progress, also those whose caller has its answer already. */
  settled(): Promise<void>;
}

/** The bot. Throws `config-invalid` when it could not tell friend from stranger. */
export function teamsBot(options: TeamsBotOptions): TeamsBot {
  const { identity, tenants, store, clock, ids, log } = options;
  const sandbox = identity.mode === 'sandbox';
  if (!sandbox) requireIdentity(identity.appId, tenants);
  const authentication = options.authentication ?? botAuthentication(identity);
  const issuer = channelIssuer(identity);
  const serviceUrls = sandbox ? loopbackUrls : connectorUrls(options.serviceHosts);
  const policy = {
    serviceUrls,
    limits: { ...defaultLimits, ...options.limits },
    sleep: options.sleep ?? ((ms: number) => new Promise((wake) => setTimeout(wake, ms))),
    lane: lanes(),
  };
  const known = conversations(store, clock);
  const cards = teamsCards(options.desk, keepCards(store));
  const home = options.home && { ...options.home, conversation: '' };
  const appId = sandbox ? '' : identity.appId;
  const route = messagesRoute({
    admit: admission({ sandbox, authentication, issuer, tenants, serviceUrls, log }),
    turn: turns(authentication, policy, handlerOf(options, known, cards)),
    failed: (error) => log({ level: 'error', message: 'a turn failed', reference: ids.ulid(), error }),
    deadlineMs: options.deadlineMs ?? 2_500,
  });
  return { ...route, chat: teamsChat(connector({ ...policy, authentication, appId }), known, cards, home) };
}

/** What the bot does with an activity: cards, their fallback, words and forms, all over the one desk. */
function handlerOf({ desk, store, clock, ids, log }: TeamsBotOptions, known: Conversations, cards: Cards) {
  const form = forms({
    desk,
    cards,
    storage: dialogStorage(store, clock, log),
    owners: formOwners(store, clock),
  });
  const perform = performing({ desk, cards, forms: form });
  const words = textCommands({ desk, cards, forms: form, perform });
  return handling({ cards, known, perform, words, clicks: coalesced(), ids, log });
}

function turns(
  authentication: BotFrameworkAuthentication,
  policy: PolicyOptions,
  handle: ReturnType<typeof handling>,
): RunTurn {
  const adapter = new CloudAdapter(authentication);
  return async ({ auth, activity }, reply) => {
    const { connectorFactory } = auth;
    if (connectorFactory === undefined) throw new Error('the SDK gave no connector');
    const ours = { ...auth, connectorFactory: withConnectorPolicy(connectorFactory, policy) };
    // Replies are sent to the conversation, never collected into the HTTP answer.
    const { deliveryMode: _ignored, ...inbound } = activity;
    const logic = (context: TurnContext) => handle(context, activity, reply);
    await adapter.processActivityDirect(ours, inbound as unknown as Activity, logic);
  };
}

function requireIdentity(appId: string, tenants: readonly string[]): void {
  if (appId.trim() !== '' && tenants.length > 0) return;
  const what = appId.trim() === '' ? 'the app id' : 'the list of allowed tenants';
  throw new AppError({
    code: 'config-invalid',
    message: `The bot needs ${what}: without it anybody would be let in`,
    fix: `Set ${what}, or start the sandbox instead.`,
  });
}
