import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfigurationBotFrameworkAuthentication } from 'botbuilder';
import { AuthenticationConstants, ServiceClientCredentialsFactory } from 'botframework-connector';
import { type TeamsBot, type TeamsBotOptions, teamsBot } from '../../src/adapters/teams/bot.ts';
import type { LogLine } from '../../src/adapters/teams/log.ts';
import type { StateItem, StateStore, Stored } from '../../src/ports.ts';
import { type FakeConnector, fakeConnector } from './connector.ts';
import { type FakeDesk, fakeDesk } from './desk.ts';

export const appId = '11111111-2222-3333-4444-555555555555';
export const tenant = 'aaaaaaaa-1111-1111-1111-111111111111';
export const channel = '19:incidents@thread.tacv2';
export const thread = `${channel};messageid=1700`;

export type Somebody = { readonly id: string; readonly name: string; readonly aadObjectId?: string };
export const olivia: Somebody = { id: '29:olivia', name: 'Olivia Oncall', aadObjectId: 'entra-olivia' };
export const arne: Somebody = { id: '29:arne', name: 'Arne Approver', aadObjectId: 'entra-arne' };

export type HttpReply = { readonly status: number; readonly text: string; readonly body: Invoked };
type Invoked = { readonly statusCode?: number; readonly type?: string; readonly value?: unknown };

/** A Teams client and the connector behind it, around a real bot over real HTTP. */
export type FakeTeams = {
  readonly connector: FakeConnector;
  readonly desk: FakeDesk;
  readonly store: StateStore;
  readonly lines: LogLine[];
  readonly bot: TeamsBot;
  /** Pauses the connector policy asked for, in milliseconds. */
  readonly pauses: number[];
  /** Posts an activity with a valid token, or with the header given. */
  post(activity: object, headers?: Record<string, string>): Promise<HttpReply>;
  /** What the bot sent or changed: the bodies of its connector calls. */
  said(): Record<string, unknown>[];
  close(): Promise<void>;
};

export type FakeTeamsOptions = Partial<TeamsBotOptions> & {
  readonly desk?: FakeDesk;
  /** The bot is told how the connector is reached before it hears from it. */
  readonly knowsHome?: boolean;
};

export async function fakeTeams(options: FakeTeamsOptions = {}): Promise<FakeTeams> {
  const connector = await fakeConnector();
  const desk = options.desk ?? fakeDesk();
  const store = options.store ?? memoryState();
  const lines: LogLine[] = [];
  const pauses: number[] = [];
  let references = 0;
  const bot = teamsBot({
    identity: { mode: 'production', appId, appType: 'SingleTenant', tenantId: tenant, secret: 'unused' },
    tenants: [tenant],
    authentication: testAuthentication(connector.openIdUrl),
    serviceHosts: [new URL(connector.url).host],
    clock: { now: () => new Date() },
    ids: { ulid: () => `REF${++references}` },
    log: (line) => lines.push(line),
    sleep: async (ms) => pauses.push(ms),
    ...(options.knowsHome
      ? { home: { serviceUrl: connector.url, tenant, bot: { id: `28:${appId}`, name: 'Handrail' } } }
      : {}),
    ...options,
    desk,
    store,
  });
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks = await Array.fromAsync<Buffer>(request);
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
    await bot.process(Object.assign(request, { body }), response);
  };
  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => response.writeHead(599).end(String(error)));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port }: Partial<AddressInfo> = server.address() as AddressInfo;
  return {
    connector,
    desk,
    store,
    lines,
    bot,
    pauses,
    async post(activity, headers) {
      const authorization = `Bearer ${await connector.token(appId)}`;
      const response = await fetch(`http://127.0.0.1:${port}/api/messages`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(headers ?? { authorization }) },
        body: JSON.stringify({ serviceUrl: connector.url, ...activity }),
      });
      const text = await response.text();
      return { status: response.status, text, body: text === '' ? {} : JSON.parse(text) };
    },
    said: () => connector.calls.map((call) => call.body),
    async close() {
      await bot.settled();
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
      await connector.close();
    },
  };
}

const activity = (from: Somebody, conversation: string) => ({
  id: 'in-1',
  channelId: 'msteams',
  from,
  recipient: { id: `28:${appId}`, name: 'Handrail' },
  conversation: {
    id: conversation,
    conversationType: conversation.startsWith('a:') ? 'personal' : 'channel',
    tenantId: tenant,
  },
  channelData: { tenant: { id: tenant } },
});

export const typed = (text: string, from: Somebody = olivia, conversation: string = thread) => ({
  ...activity(from, conversation),
  type: 'message',
  text,
});

export const clicked = (
  verb: string,
  data: object = {},
  {
    from = olivia,
    conversation = thread,
    card = '1700',
  }: { from?: Somebody; conversation?: string; card?: string } = {},
) => ({
  ...activity(from, conversation),
  type: 'invoke',
  name: 'adaptiveCard/action',
  replyToId: card,
  value: { trigger: 'manual', action: { type: 'Action.Execute', verb, data } },
});

/** The same click by a client that knows no Action.Execute. */
export const submitted = (
  verb: string,
  data: object = {},
  at: { from?: Somebody; conversation?: string; card?: string } = {},
) => {
  const { name: _name, value: _value, ...rest } = clicked(verb, data, at);
  return { ...rest, type: 'message', value: { verb, ...data } };
};

export const installed = (from: Somebody, conversation: string, channelData: object = {}) => {
  const base = activity(from, conversation);
  return {
    ...base,
    type: 'installationUpdate',
    action: 'add',
    channelData: { ...base.channelData, ...channelData },
  };
};

/** The SDK's own checks, with keys from the fake connector and a fixed token for our calls. */
export function testAuthentication(openIdUrl: string) {
  const { ToChannelFromBotLoginUrl, ToChannelFromBotOAuthScope, ToBotFromChannelTokenIssuer, OAuthUrl } =
    AuthenticationConstants;
  class StaticCredentials extends ServiceClientCredentialsFactory {
    override isValidAppId = async (id: string) => id === appId;
    override isAuthenticationDisabled = async () => false;
    override createCredentials: ServiceClientCredentialsFactory['createCredentials'] = async () => ({
      signRequest: async (request) => {
        request.headers.set('authorization', 'Bearer outbound-token');
        return request;
      },
    });
  }
  return new ConfigurationBotFrameworkAuthentication(
    {
      ToChannelFromBotLoginUrl,
      ToChannelFromBotOAuthScope,
      ToBotFromChannelTokenIssuer,
      OAuthUrl,
      ToBotFromChannelOpenIdMetadataUrl: openIdUrl,
      ToBotFromEmulatorOpenIdMetadataUrl: openIdUrl,
      CallerId: 'urn:botframework:azure',
    },
    new StaticCredentials(),
  );
}

/** The state store's contract in memory. */
export function memoryState(): StateStore {
  const items = new Map<string, Stored>();
  let version = 0;
  const keyOf = (pk: string, id: string) => JSON.stringify([pk, id]);
  const save = (key: string, item: StateItem) => {
    const etag = `v${++version}`;
    items.set(key, { item: structuredClone(item), etag });
    return { ok: true as const, etag };
  };
  return {
    get: async (pk, id) => structuredClone(items.get(keyOf(pk, id))),
    async put(item, when) {
      const key = keyOf(item.pk, item.id);
      const stored = items.get(key);
      if (when === 'new') return stored === undefined ? save(key, item) : { ok: false, why: 'exists' };
      if (when === 'any') return save(key, item);
      if (stored === undefined) return { ok: false, why: 'gone' };
      return stored.etag === when.etag ? save(key, item) : { ok: false, why: 'changed' };
    },
    remove: async (pk, id) => items.delete(keyOf(pk, id)),
    async list({ where, limit, order = 'asc' }) {
      const found = [...items.values()]
        .filter(({ item }) =>
          Object.entries(where).every(([field, value]) => Reflect.get(item, field) === value),
        )
        .sort((a, b) => (a.item.k < b.item.k ? -1 : 1));
      return { items: (order === 'asc' ? found : found.reverse()).slice(0, limit) };
    },
  };
}
