import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { arne, incidentsChannel, playgroundWorld, tenantId } from '../../src/sandbox/people.ts';

/** A card with its buttons, as it stands in a channel. */
type Card = { readonly thread: string; readonly activity: string; readonly shown: unknown };
/** An approve button somebody can click. */
export type Offer = {
  readonly thread: string;
  readonly activity: string;
  readonly run: string;
  readonly revision: number;
};

export type Teams = {
  readonly url: string;
  /** All the cards posted about an incident, as they were last drawn. */
  cards(incident: string): readonly Card[];
  /** The approve button of the newest card about an incident, if it has one. */
  offer(incident: string): Offer | undefined;
  /** The activity by which a bot learns that it was added to the team of the channel. */
  installed(serviceUrl: string): object;
  /** Arne's click on an approve button. */
  approval(serviceUrl: string, offer: Offer): object;
  close(): Promise<void>;
};

/** The connector's side of Teams: it keeps the cards that were posted and redrawn. It outlives every bot. */
export async function fakeTeams(): Promise<Teams> {
  const cards = new Map<string, Card>();
  let made = 0;

  const answer = (method: string, path: string, body: Record<string, unknown>): [number, object] => {
    const [, , , thread = '', , activity] = path.split('/').map(decodeURIComponent);
    if (method === 'PUT' && activity !== undefined) {
      cards.set(activity, { thread, activity, shown: body['attachments'] });
      return [200, { id: activity }];
    }
    made += 1;
    const id = `card-${made}`;
    if (thread !== '') return [201, { id }];
    const fresh = `${incidentsChannel};messageid=${id}`;
    const first = body['activity'] as Record<string, unknown> | undefined;
    cards.set(id, { thread: fresh, activity: id, shown: first?.['attachments'] });
    return [201, { id: fresh, activityId: id }];
  };
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const text = Buffer.concat(await Array.fromAsync<Buffer>(request)).toString();
    const [status, json] = answer(
      request.method ?? '',
      request.url ?? '',
      text === '' ? {} : JSON.parse(text),
    );
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
  };
  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => response.writeHead(599).end(String(error)));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const about = (incident: string): Card[] =>
    [...cards.values()].filter(({ shown }) => JSON.stringify(shown).includes(incident));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cards: about,
    offer(incident) {
      const card = about(incident).at(-1);
      const data = card && buttonOf(card.shown, 'approve');
      return card && data && { thread: card.thread, activity: card.activity, ...data };
    },
    installed: (serviceUrl) => ({
      ...activity(serviceUrl, incidentsChannel),
      type: 'installationUpdate',
      action: 'add',
    }),
    approval: (serviceUrl, { thread, activity: card, run, revision }) => ({
      ...activity(serviceUrl, thread),
      type: 'invoke',
      name: 'adaptiveCard/action',
      replyToId: card,
      value: {
        trigger: 'manual',
        action: { type: 'Action.Execute', verb: 'approve', data: { run, revision } },
      },
    }),
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

const { bot, team } = playgroundWorld;
const activity = (serviceUrl: string, conversation: string) => ({
  id: `in-${crypto.randomUUID()}`,
  channelId: 'msteams',
  serviceUrl,
  from: { id: arne.id, name: arne.name, aadObjectId: arne.aadObjectId },
  recipient: bot,
  conversation: { id: conversation, conversationType: 'channel', isGroup: true, tenantId },
  channelData: {
    tenant: { id: tenantId },
    team: { id: team.id },
    channel: { id: incidentsChannel },
  },
});

/** What the button with this verb sends, wherever in the card it is. */
export function buttonOf(shown: unknown, verb: string): { run: string; revision: number } | undefined {
  if (typeof shown !== 'object' || shown === null) return undefined;
  const { verb: own, data } = shown as { verb?: unknown; data?: { run?: unknown; revision?: unknown } };
  if (own === verb && typeof data?.run === 'string' && typeof data.revision === 'number')
    return { run: data.run, revision: data.revision };
  for (const part of Object.values(shown)) {
    const found = buttonOf(part, verb);
    if (found !== undefined) return found;
  }
  return undefined;
}
