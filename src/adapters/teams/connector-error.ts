import { z } from 'zod';
import { AppError, messageOf } from '../../domain/errors.ts';
import { retryAfterMs } from './connector-policy.ts';

const Rest = z.looseObject({
  statusCode: z.number(),
  code: z.string().nullish(),
  details: z.looseObject({ error: z.looseObject({ code: z.string().nullish() }).nullish() }).nullish(),
  response: z
    .looseObject({ headers: z.custom<{ get(name: string): string | null | undefined }>() })
    .nullish(),
});

/** What is behind a refusal, for the person who can do something about it. Source: Teams bot API error codes. */
const fixes: Record<string, string> = {
  BotNotInConversationRoster: 'Add the bot to the team, channel or chat, then try again.',
  ForbiddenOperationException: 'Install the app for this person or team, then try again.',
  ConversationBlockedByUser: 'The person has blocked the bot; they can unblock it in its chat.',
  BotDisabledByAdmin: 'Ask the Teams administrator to allow the app.',
  BotNotRegistered: "Check the bot's app id and secret and that the Teams channel is switched on.",
  InvalidBotApiHost: "Check that the bot is set up for the tenant's cloud.",
  MessageSizeTooBig: 'The card is too large; report this with the reference.',
};

/** Status and code of a failed connector call; status undefined when no answer came. */
export function connectorFailure(error: unknown): {
  readonly status: number | undefined;
  readonly code: string;
} {
  const rest = Rest.safeParse(error);
  if (!rest.success) return { status: undefined, code: '' };
  return { status: rest.data.statusCode, code: rest.data.details?.error?.code ?? rest.data.code ?? '' };
}

/** The message, conversation or person is not there (any more). */
export function isGone(error: unknown): boolean {
  const { status, code } = connectorFailure(error);
  return status === 404 || code === 'ActivityNotFoundInConversation' || code === 'ConversationNotFound';
}

/** A connector error as ours: `chat-refused` for what a repeat cannot cure, `chat-unreachable` otherwise. */
export function chatError(error: unknown, doing: string): AppError {
  if (error instanceof AppError) return error;
  const { status, code } = connectorFailure(error);
  const named = [status, code].filter((part) => part !== undefined && part !== '').join(' ');
  if (status !== undefined && status < 500 && status !== 412 && status !== 429)
    return new AppError({
      code: 'chat-refused',
      message: `Teams refused ${doing}: ${named}`,
      fix:
        fixes[code] ??
        'Check that the app is installed where it should write and that its identity is valid.',
      cause: error,
    });
  const rest = Rest.safeParse(error);
  const after = rest.success ? retryAfterMs(rest.data.response?.headers?.get?.('retry-after')) : undefined;
  return new AppError({
    code: 'chat-unreachable',
    message: `Teams did not answer ${doing}: ${named === '' ? messageOf(error) : named}`,
    fix: 'Teams is not answering the bot. Wait a moment and try again.',
    retryable: status !== 500,
    maybeApplied: status === undefined || status >= 500,
    ...(after === undefined ? {} : { retryAfterMs: after }),
    cause: error,
  });
}
