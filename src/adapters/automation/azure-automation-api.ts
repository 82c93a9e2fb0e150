import { promises as timers } from 'node:timers';
import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import { type Answer, type Call, parseJson, readAnswer, retry, type Sleep } from './http.ts';
import type { Mask } from './mask.ts';
import { refusal } from './refusal.ts';

/** Gets a token for Azure Resource Manager; called before each request, so it keeps what it has until that ends. */
export type GetToken = () => Promise<string>;
type Query = Readonly<Record<string, string>>;
type Asked = { readonly posted: boolean; readonly subject: string };

/** The HTTP side of one Automation account, with the mask for whatever it says. Paths are below the account. */
export type AzureApi = {
  readonly name: string;
  readonly mask: Mask;
  /** Between attempts, and how many of them. */
  readonly patience: { readonly attempts: number; readonly sleep: Sleep };
  /** Path of the account, by which links to further pages are recognised. */
  readonly account: string;
  /** Reads, again when that may help. `subject` is what it is about, for people. Throws on any status but 200. */
  get<T>(path: string, subject: string, schema: z.ZodType<T>, query?: Query): Promise<T>;
  /** Reads, again when that may help. Answers with any status that another attempt would not change. */
  read(path: string, subject: string): Promise<Answer>;
  /** One request, no repeat; any status is answered. */
  send(request: {
    readonly method: 'GET' | 'POST' | 'PUT';
    readonly path: string;
    readonly body?: unknown;
    readonly accept?: string;
    readonly onBody?: (piece: Buffer) => boolean;
  }): Promise<Answer>;
};
export type Wire = {
  readonly name: string;
  readonly call: Call;
  readonly account: string;
  readonly attempts: number;
  readonly sleep: Sleep;
};

/** The version of the Automation API (Azure/azure-rest-api-specs, Microsoft.Automation/stable). */
const version = { 'api-version': '2023-11-01' };

/** Only paths built from names are asked for, below the account; what an answer says about addresses is never followed. */
export function azureApi({ name, call, account, attempts, sleep }: Wire, mask: Mask): AzureApi {
  const patience = { attempts, sleep };
  const ask = (path: string, query?: Query) =>
    call({ method: 'GET', path: `${account}${path}`, query: { ...version, ...query } });
  return {
    name,
    mask,
    patience,
    account,
    get: (path, subject, schema, query) =>
      retry(async () => {
        const answer = await ask(path, query);
        if (answer.status !== 200) throw azureRefusal(name, answer, { posted: false, subject }, mask);
        return readAnswer(name, answer, schema, false);
      }, patience),
    read: (path, subject) =>
      retry(async () => {
        const answer = await ask(path);
        if (mayChange(answer)) throw azureRefusal(name, answer, { posted: false, subject }, mask);
        return answer;
      }, patience),
    send: ({ method, path, body, accept, onBody }) =>
      call({
        method,
        path: `${account}${path}`,
        query: version,
        ...(body === undefined ? {} : { body }),
        ...(accept === undefined ? {} : { headers: { accept } }),
        ...(onBody === undefined ? {} : { onBody }),
      }),
  };
}

/** It is too busy or broken for now. */
const mayChange = ({ status }: Answer) => status === 408 || status === 429 || status >= 500;

/**
 * Adds the token to each request. One that is refused with 401 was not carried out: it is sent once more if there is a new
 * token. No answer that is passed on repeats the token.
 */
export function signed(name: string, call: Call, getToken: GetToken, timeoutMs: number): Call {
  return async (request) => {
    const attempt = async (token: string) => {
      const headers = { ...request.headers, authorization: `Bearer ${token}` };
      const answer = await call({ ...request, headers });
      return { ...answer, text: answer.text.replaceAll(token, '***') };
    };
    const token = await tokenOf(name, getToken, timeoutMs);
    const answer = await attempt(token);
    if (answer.status !== 401) return answer;
    const fresh = await tokenOf(name, getToken, timeoutMs);
    return fresh === token ? answer : attempt(fresh);
  };
}

/** A token, in time. What the identity library says is not passed on: it may hold a credential. */
async function tokenOf(name: string, getToken: GetToken, timeoutMs: number): Promise<string> {
  const waiting = new AbortController();
  const late = timers.setTimeout(timeoutMs, '', { signal: waiting.signal });
  try {
    const token = await Promise.race([getToken(), late]);
    if (token !== '') return token;
    throw noToken(name, 'there was none in time');
  } catch (error) {
    throw error instanceof AppError
      ? error
      : noToken(name, error instanceof Error ? error.name : 'unknown error');
  } finally {
    late.catch(() => undefined);
    waiting.abort();
  }
}

const noToken = (name: string, why: string) =>
  new AppError({
    code: 'target-unreachable',
    message: `nothing was sent to ${name}: no token for Azure could be had (${why})`,
    fix: 'Check the managed identity, workload identity or environment credentials Handrail runs under.',
    retryable: true,
  });

/** Errors of Resource Manager come in `error`, those of Automation itself also without. */
const Problem = z.object({ code: z.string(), message: z.string().default('') });
const Said = z.union([z.object({ error: Problem }).transform(({ error }) => error), Problem]);

const saidBy = (answer: Answer) => Said.safeParse(parseJson(answer.text)).data;

/** The code of an error that Azure itself reports, not something in front of it. */
export const errorCodeOf = (answer: Answer): string | undefined => saidBy(answer)?.code;

/** Azure itself says that the account has no such thing; an account that is missing is another matter. */
export const isMissing = (answer: Answer): boolean =>
  answer.status === 404 &&
  ['NotFound', 'ResourceNotFound', 'JobNotFound', 'RunbookNotFound'].includes(errorCodeOf(answer) ?? '');

const fixes: Readonly<Record<string, (name: string) => string>> = {
  401: (name) =>
    `Check the identity Handrail runs under: Azure does not take its token for ${name} (expired, or of another tenant).`,
  403: (name) =>
    `Give the identity Handrail runs under the role "Automation Operator" on the Automation account of ${name}.`,
};
const absent: readonly string[] = ['SubscriptionNotFound', 'ResourceGroupNotFound', 'InvalidSubscriptionId'];

/** An answer that is not the one hoped for, with what Azure says about it. */
export function azureRefusal(name: string, answer: Answer, asked: Asked, mask: Mask): AppError {
  const said = saidBy(answer);
  const text = JSON.stringify({ title: said === undefined ? '' : `${said.code}: ${said.message}` });
  const error = refusal(name, { ...answer, text }, asked, mask);
  const fix = absent.includes(said?.code ?? '')
    ? `Check the resource id of the Automation account in the settings of ${name}.`
    : fixes[answer.status]?.(name);
  if (fix === undefined) return error;
  const { code, message, retryable, maybeApplied } = error;
  return new AppError({ code, message, fix, retryable, maybeApplied });
}

const Page = <T>(row: z.ZodType<T>) => z.object({ value: z.array(row), nextLink: z.string().nullish() });
const mostPages = 20;

/**
 * The rows of a list, `complete` unless there are more pages than we read. Of the link to the next page only the place in
 * the list is taken.
 */
export async function allRows<T>(
  api: AzureApi,
  path: string,
  subject: string,
  row: z.ZodType<T>,
  query: Query = {},
): Promise<{ readonly rows: readonly T[]; readonly complete: boolean }> {
  const rows: T[] = [];
  let place: Query | undefined = {};
  for (let page = 0; page < mostPages; page += 1) {
    const { value, nextLink }: { value: T[]; nextLink?: string | null | undefined } = await api.get(
      path,
      subject,
      Page(row),
      { ...query, ...place },
    );
    rows.push(...value);
    if (!nextLink) return { rows, complete: true };
    place = placeOf(nextLink, `${api.account}${path}`);
    if (place === undefined) break;
  }
  return { rows, complete: false };
}

/** Where the next page begins; undefined for a link that leads somewhere else. */
function placeOf(link: string, path: string): Query | undefined {
  const url = URL.canParse(link) ? new URL(link) : undefined;
  if (url?.pathname.toLowerCase() !== path.toLowerCase()) return undefined;
  const found = ['$skiptoken', '$skip'].flatMap((key) => {
    const value = url.searchParams.get(key);
    return value === null ? [] : [[key, value] as const];
  });
  return found.length === 0 ? undefined : Object.fromEntries(found);
}
