import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';

const adaptiveCard = 'application/vnd.microsoft.card.adaptive';

const Attachment = z.looseObject({ contentType: z.string().optional(), content: z.unknown().optional() });
const Frame = z.looseObject({
  action: z.string(),
  actionConversationId: z.string(),
  message: z.looseObject({
    messageId: z.string(),
    text: z.string().nullish(),
    attachments: z.array(Attachment).nullish(),
  }),
});

/**
 * A message of the bot as it came out in the playground. An update comes as another one with the same id; a text
 * with a card comes as two messages, as in Teams.
 */
export type SeenMessage = {
  readonly conversation: string;
  readonly id: string;
  readonly updated: boolean;
  readonly text: string;
  /** The contents of its Adaptive Cards. */
  readonly cards: readonly unknown[];
};

export type MessageStream = {
  /** Everything seen so far, oldest first. */
  readonly seen: readonly SeenMessage[];
  /** The first message, seen or still to come, that is wanted. Throws after `limitMs`, listing what came instead. */
  waitFor(wanted: (message: SeenMessage) => boolean, limitMs?: number): Promise<SeenMessage>;
  close(): void;
};

/** For `waitFor`: a message with an Adaptive Card that says `text` somewhere. */
export const cardWith =
  (text: string) =>
  ({ cards }: SeenMessage): boolean =>
    JSON.stringify(cards).includes(text);

/** Frames of other kinds (typing, reactions) are not messages. */
function parseFrame(data: unknown): SeenMessage | undefined {
  const frame = Frame.safeParse(JSON.parse(String(data)));
  if (!frame.success) return undefined;
  const { action, actionConversationId, message } = frame.data;
  const cards = (message.attachments ?? []).filter(({ contentType }) => contentType === adaptiveCard);
  return {
    conversation: actionConversationId,
    id: message.messageId,
    updated: action === 'updateMessage',
    text: message.text ?? '',
    cards: cards.map(({ content }) => content),
  };
}

const inShort = ({ conversation, updated, text, cards }: SeenMessage): string =>
  `${conversation}: ${updated ? 'update ' : ''}"${text}" ${cards.map((card) => JSON.stringify(card).slice(0, 300)).join(' ')}`;

function opened(socket: WebSocket, limitMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = () =>
      reject(
        new AppError({
          code: 'chat-unreachable',
          message: `the message stream of the playground at ${socket.url} could not be opened`,
          fix: 'Start the playground first, and check its port.',
          retryable: true,
        }),
      );
    const timer = setTimeout(() => {
      fail();
      socket.close();
    }, limitMs);
    socket.addEventListener('open', () => {
      clearTimeout(timer);
      resolve();
    });
    socket.addEventListener('error', () => {
      clearTimeout(timer);
      fail();
    });
  });
}

/** Listens to what the bot posts and updates, in all conversations. The first listener also gets what came before. */
export async function openStream(base: string, openLimitMs: number): Promise<MessageStream> {
  const socket = new WebSocket(`${base.replace(/^http/, 'ws')}/_ws_conversation/v1/conversations/stream`);
  const seen: SeenMessage[] = [];
  const arrivals = new EventTarget();
  socket.addEventListener('message', (event) => {
    const message = parseFrame(event.data);
    if (message === undefined) return;
    seen.push(message);
    arrivals.dispatchEvent(new Event('message'));
  });
  await opened(socket, openLimitMs);

  function waitFor(wanted: (message: SeenMessage) => boolean, limitMs = 10_000): Promise<SeenMessage> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = seen.find(wanted);
        if (found === undefined) return;
        finish();
        resolve(found);
      };
      const timer = setTimeout(() => {
        finish();
        reject(new Error(`no such message within ${limitMs} ms; seen:\n${seen.map(inShort).join('\n')}`));
      }, limitMs);
      const finish = () => {
        clearTimeout(timer);
        arrivals.removeEventListener('message', look);
      };
      arrivals.addEventListener('message', look);
      look();
    });
  }
  return { seen, waitFor, close: () => socket.close() };
}
