// Drives a running playground without a browser, by the calls its own page makes (seen in the page's traffic
// with 0.2.28; they are not documented and may change with the pinned version).
import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { Json } from '../../domain/json.ts';
import type { MessageStream } from './stream.ts';
import { openStream } from './stream.ts';

const requestLimitMs = 30_000;

const Config = z.looseObject({
  config: z.looseObject({
    bot: z.looseObject({ id: z.string(), name: z.string() }),
    currentUser: z.looseObject({ id: z.string() }),
  }),
});
const Said = z.looseObject({ messageId: z.string(), postConversationId: z.string().nullish() });

/** What the playground answered; for `execute` the body is the bot's invoke response. */
export type Answer = { readonly status: number; readonly body: unknown };

/** Who clicks what. In a personal chat the playground knows only the page's own user. */
type Click = { readonly conversation: string; readonly card: string; readonly as?: string };

export type PlaygroundClient = MessageStream & {
  /** Installs the bot in a conversation: installationUpdate and conversationUpdate. */
  install(conversation: string): Promise<void>;
  /** Says something as the page's own user. In a channel this begins a thread, whose conversation id is returned. */
  say(
    conversation: string,
    text: string,
    options?: { readonly mention?: boolean },
  ): Promise<{ messageId: string; conversation: string }>;
  /** Clicks an Action.Execute on the message `card`, as the page's user or as any other configured one. */
  execute(click: Click, verb: string, data: Json): Promise<Answer>;
  /** Clicks an Action.Submit. */
  submit(click: Click, value: Json): Promise<Answer>;
  /** Sends any activity; what is not given is taken from the playground's template. Does not wait for the bot. */
  custom(conversation: string, activity: { readonly [key: string]: Json }): Promise<void>;
};

/** A JSON call to the playground. Throws AppError when it does not answer in 30 s. */
async function call(url: string, body?: Json): Promise<Answer> {
  const content = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  try {
    const response = await fetch(url, {
      ...content,
      headers: { 'content-type': 'application/json' },
      signal: AbortSignal.timeout(requestLimitMs),
    });
    return { status: response.status, body: jsonOrText(await response.text()) };
  } catch (cause) {
    throw new AppError({
      code: 'chat-unreachable',
      message: `the playground did not answer at ${url}`,
      fix: 'Check that the playground and the bot are running; it holds back its answers until the bot is reachable.',
      retryable: true,
      cause,
    });
  }
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

async function expectOk(answer: Promise<Answer>): Promise<unknown> {
  const { status, body } = await answer;
  if (status < 300) return body;
  throw new AppError({
    code: 'chat-refused',
    message: `the playground answered ${status}: ${JSON.stringify(body).slice(0, 500)}`,
    fix: 'Check the conversation id and the people against the settings of the playground.',
  });
}

/** Connects to the playground at `base` (e.g. http://127.0.0.1:56150) and listens. Waits until the bot is reachable. */
export async function connectPlayground(base: string): Promise<PlaygroundClient> {
  const { bot, currentUser } = Config.parse(await expectOk(call(`${base}/_internal/v1/config`))).config;
  const stream = await openStream(base, requestLimitMs);
  const conversations = `${base}/_conversation/v1/conversations`;
  const at = `<at>${bot.name}</at>`;
  const mentions = [{ mentioned: { id: bot.id, name: bot.name }, text: at }];

  const clicked = ({ conversation, card, as = currentUser.id }: Click) => ({
    from: { id: as },
    conversation: { id: conversation },
    replyToId: card,
  });

  return {
    ...stream,
    async install(conversation) {
      await expectOk(call(`${base}/_debug/conversation/${conversation}/installation`, {}));
    },
    async say(conversation, text, { mention = false } = {}) {
      const message = { type: 'text', textFormat: 'plain', from: { id: currentUser.id } };
      const body = mention ? { ...message, text: `${at} ${text}`, mentions } : { ...message, text };
      const said = Said.parse(await expectOk(call(`${conversations}/${conversation}/messages`, body)));
      return { messageId: said.messageId, conversation: said.postConversationId ?? conversation };
    },
    execute(click, verb, data) {
      const value = { action: { type: 'Action.Execute', verb, data } };
      return call(`${base}/_conversation/v1/invoke`, {
        name: 'adaptiveCard/action',
        value,
        ...clicked(click),
      });
    },
    submit: (click, value) => call(`${base}/_conversation/v1/submit`, { value, ...clicked(click) }),
    async custom(conversation, activity) {
      const query = new URLSearchParams({ conversationId: conversation });
      const activities = `${base}/_internal/v1/customActivities`;
      const template = z
        .record(z.string(), z.json())
        .parse(await expectOk(call(`${activities}/template?${query}`)));
      await expectOk(call(activities, { ...template, ...activity }));
    },
  };
}
