import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { z } from 'zod';

const Activity = z.looseObject({
  type: z.string(),
  id: z.string().optional(),
  text: z.string().optional(),
  value: z.unknown().optional(),
  replyToId: z.string().optional(),
  serviceUrl: z.string(),
  from: z.looseObject({ id: z.string(), aadObjectId: z.string().optional() }),
  recipient: z.looseObject({ id: z.string() }),
  conversation: z.looseObject({ id: z.string() }),
});
type Activity = z.infer<typeof Activity>;

export type EchoBot = { readonly url: string; readonly received: readonly Activity[]; close(): void };

const card = (text: string) => ({
  contentType: 'application/vnd.microsoft.card.adaptive',
  content: { type: 'AdaptiveCard', version: '1.5', body: [{ type: 'TextBlock', text }] },
});

/** The smallest bot: answers a message with its text and a card through the connector, an invoke in the response. */
export async function startEchoBot(): Promise<EchoBot> {
  const received: Activity[] = [];

  async function reply(activity: Activity): Promise<void> {
    const { serviceUrl, conversation, from, recipient } = activity;
    const said = activity.text || JSON.stringify(activity.value);
    const body = {
      type: 'message',
      from: recipient,
      recipient: from,
      conversation,
      text: `echo ${said}`,
    };
    const response = await fetch(
      `${serviceUrl}/v3/conversations/${conversation.id}/activities/${activity.id}`,
      {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...body, attachments: [card(`card for ${said}`)] }),
      },
    );
    if (!response.ok) throw new Error(`the connector answered ${response.status}`);
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const activity = Activity.parse(await json(request));
    received.push(activity);
    if (activity.type === 'message') await reply(activity);
    response.setHeader('content-type', 'application/json');
    const message = 'application/vnd.microsoft.activity.message';
    response.end(
      activity.type === 'invoke' ? JSON.stringify({ statusCode: 200, type: message, value: 'noted' }) : '',
    );
  }

  const server: Server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${port}/api/messages`, received, close };
}
