import { isAxiosError } from 'axios';
import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import { limitReached } from './throttle.ts';

/** What was asked, for messages: `PATCH incident`, and the columns a write sets. */
export type Call = { readonly what: string; readonly write: boolean; readonly fields?: readonly string[] };
export type HttpAnswer = {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
};
export type Redact = (text: string) => string;

const ApiError = z.object({
  error: z.object({ message: z.string().nullish(), detail: z.string().nullish() }),
});
const OAuthError = z.object({ error: z.string(), error_description: z.string().optional() });

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** What ServiceNow says went wrong, in one line: its own error shape, the OAuth one, or that it was a web page. */
export function explanation(answer: HttpAnswer): string {
  const body = jsonOf(answer.body);
  const api = ApiError.safeParse(body);
  if (api.success) return oneLine([api.data.error.message, api.data.error.detail].filter(Boolean).join(': '));
  const oauth = OAuthError.safeParse(body);
  if (oauth.success)
    return oneLine([oauth.data.error, oauth.data.error_description].filter(Boolean).join(': '));
  return /^\s*</.test(answer.body) ? 'a web page instead of an API answer' : 'no explanation';
}

/** Whether the answer has the error body of the REST APIs, so that it comes from ServiceNow and not from a gateway. */
export const isOwnError = (answer: HttpAnswer): boolean => ApiError.safeParse(jsonOf(answer.body)).success;

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim().slice(0, 300);

/** The error for an answer that is no success. */
export function failureOf(call: Call, answer: HttpAnswer, redact: Redact): AppError {
  const { status } = answer;
  const why = redact(explanation(answer));
  const message = `${call.what}: ServiceNow answered ${status}, ${why}`;
  if (status === 429) return limitReached(message, retryAfter(answer));
  if (status >= 500)
    return new AppError({
      code: 'itsm-unreachable',
      message,
      fix: 'ServiceNow has a problem of its own. Try again in a few minutes and check the state of the instance.',
      retryable: true,
      maybeApplied: call.write,
    });
  return new AppError({ code: 'itsm-refused', message, fix: fixFor(call, status, why) });
}

function fixFor(call: Call, status: number, why: string): string {
  if (status === 401) return 'Check the user and secret Handrail signs in to ServiceNow with.';
  if (status === 403 && call.write) return fixForWrite(call.fields ?? [], why);
  if (status === 403) return `Give the integration user the right to read: ${call.what}.`;
  if (status === 404)
    return 'The record does not exist or the integration user may not see it. Check both in ServiceNow.';
  if (status >= 300 && status < 400)
    return 'ServiceNow redirects. Set its address to the instance itself, e.g. https://example.service-now.com.';
  return `ServiceNow did not accept the request (${why}). Check the mappings of states and close codes and the names of columns.`;
}

/** A 403 to a write may come from an access rule, a data policy or a business rule; only the text tells them apart. */
function fixForWrite(fields: readonly string[], why: string): string {
  const named = fields.length === 0 ? 'the record' : fields.join(', ');
  if (/data policy|mandatory/i.test(why))
    return `A data policy of ServiceNow wants more than ${named} (${why}). Fill that in on the ticket, or have the policy changed; then set ${named} by hand.`;
  if (/\bACL\b|security constraints/i.test(why))
    return `Give the integration user the role that may write ${named} (${why}).`;
  return `A business rule of ServiceNow refused ${named} (${why}). Do what the rule wants on the ticket and set ${named} by hand, or exempt the integration user from it.`;
}

/** Milliseconds of a Retry-After given in seconds. */
function retryAfter(answer: HttpAnswer): number | undefined {
  const text = answer.headers.get('retry-after') ?? '';
  return /^\d{1,6}$/.test(text) ? Number(text) * 1_000 : undefined;
}

/** The error when no answer came. Its cause is left out: axios keeps the Authorization header in it. */
export function silence(call: Call, error: unknown, redact: Redact): AppError {
  const code = isAxiosError(error) ? (error.code ?? 'no code') : 'no code';
  const never = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'].includes(code);
  const text = error instanceof Error ? redact(error.message) : 'unknown failure';
  return new AppError({
    code: 'itsm-unreachable',
    message: `${call.what}: no answer from ServiceNow (${code}, ${oneLine(text)})`,
    fix: 'Check that the address of ServiceNow is right and reachable from here, then try again.',
    retryable: true,
    maybeApplied: call.write && !never,
  });
}

/** The error for a success whose body is not what the API promises, such as the log-in page of a gateway. */
export function nonsense(call: Call, answer: HttpAnswer): AppError {
  const page = /^\s*</.test(answer.body);
  return new AppError({
    code: page ? 'itsm-unreachable' : 'itsm-refused',
    message: `${call.what}: ServiceNow answered ${answer.status} with ${page ? 'a web page' : 'an unexpected body'}`,
    fix: page
      ? 'Something in front of ServiceNow answers with a web page. Check that the instance is awake and that no log-in page stands before its API.'
      : 'Check that the address is that of a ServiceNow instance.',
    retryable: page,
    maybeApplied: call.write,
  });
}

/** The error for rows that are not those that were asked for. Acting on them would act on the wrong thing. */
export const wrongRows = (what: string): AppError =>
  new AppError({
    code: 'itsm-refused',
    message: `${what}: ServiceNow returned other records than those asked for`,
    fix: 'Set the system property glide.invalid_query.returns_no_rows to true and let the integration user read the columns Handrail filters by.',
  });
