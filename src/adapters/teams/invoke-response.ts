import type { Answer } from './answer.ts';

export type InvokeBody = { readonly statusCode: number; readonly type: string; readonly value: unknown };

/**
 * The body of an answer to `adaptiveCard/action`. The HTTP status is 200 in every case; this is the sub-status.
 * Source: Adaptive Cards docs, universal-action-model.
 */
export function invokeBody(answer: Answer): InvokeBody {
  if (answer.card !== undefined)
    return { statusCode: 200, type: 'application/vnd.microsoft.card.adaptive', value: answer.card };
  if (answer.error !== undefined)
    return {
      statusCode: 400,
      type: 'application/vnd.microsoft.error',
      value: { code: answer.error, message: answer.text },
    };
  return { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value: answer.text };
}
