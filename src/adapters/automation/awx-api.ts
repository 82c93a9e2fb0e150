import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import { type Answer, type Call, parseJson, readAnswer, retry, type Sleep } from './http.ts';
import type { Mask } from './mask.ts';
import { refusal } from './refusal.ts';

/** Where the API begins: AWX itself, and the gateway of Automation Platform 2.5 and newer. */
export const apiPrefixes = ['/api/v2', '/api/controller/v2'] as const;
export type ApiPrefix = (typeof apiPrefixes)[number];

/** The HTTP side of one AWX, with the mask for whatever it says. */
export type AwxApi = {
  readonly name: string;
  readonly mask: Mask;
  /** Reads, again when that may help. `subject` is what it is about, for people. Throws on any status but 200. */
  get<T>(path: string, subject: string, schema: z.ZodType<T>, query?: Query): Promise<T>;
  /** One request, no repeat; any status is answered. */
  post(path: string, body?: unknown): Promise<Answer>;
  /** Reads, again when that may help. Answers with any status that another attempt would not change. */
  read(path: string, subject: string, options?: { query?: Query; accept?: string }): Promise<Answer>;
  /** Waits between attempts. */
  readonly sleep: Sleep;
};
type Query = Readonly<Record<string, string>>;

export type Wire = {
  readonly name: string;
  readonly call: Call;
  readonly attempts: number;
  readonly sleep: Sleep;
  /** Answers the prefix, found out once. */
  readonly prefix: () => Promise<ApiPrefix>;
};

/** Only paths built from ids are asked for, below the prefix; what an answer says about addresses is never followed. */
export function awxApi({ name, call, attempts, sleep, prefix }: Wire, mask: Mask): AwxApi {
  const patiently = <T>(attempt: () => Promise<T>) => retry(attempt, { attempts, sleep });
  const get: AwxApi['get'] = (path, subject, schema, query) =>
    patiently(async () => {
      const answer = await call({ method: 'GET', path: `${await prefix()}${path}`, ...(query && { query }) });
      if (answer.status !== 200) throw awxRefusal(name, answer, { posted: false, subject }, mask);
      return readAnswer(name, answer, schema, false);
    });
  return {
    name,
    mask,
    sleep,
    get,
    post: async (path, body) => call({ method: 'POST', path: `${await prefix()}${path}`, body: body ?? {} }),
    read: (path, subject, { query, accept } = {}) =>
      patiently(async () => {
        const headers = accept === undefined ? {} : { headers: { accept } };
        const answer = await call({
          method: 'GET',
          path: `${await prefix()}${path}`,
          ...(query && { query }),
          ...headers,
        });
        if (mayChange(answer)) throw awxRefusal(name, answer, { posted: false, subject }, mask);
        return answer;
      }),
  };
}

/** It is too busy or broken for now. */
const mayChange = ({ status }: Answer) => status === 408 || status === 429 || status >= 500;

const Ping = z.object({ version: z.string() });

/** Finds out where the API begins, by the page that needs no sign-in; once it answered. Concurrent callers ask once. */
export function findPrefix({ name, call, attempts, sleep }: Omit<Wire, 'prefix'>): () => Promise<ApiPrefix> {
  const ask = () => retry(() => answering(name, call), { attempts, sleep });
  let found: Promise<ApiPrefix> | undefined;
  return () => {
    found ??= ask().catch((error: unknown) => {
      found = undefined;
      throw error;
    });
    return found;
  };
}

async function answering(name: string, call: Call): Promise<ApiPrefix> {
  const statuses: number[] = [];
  for (const prefix of apiPrefixes) {
    const answer = await call({ method: 'GET', path: `${prefix}/ping/` });
    if (answer.status === 200 && Ping.safeParse(parseJson(answer.text)).success) return prefix;
    statuses.push(answer.status);
  }
  throw new AppError({
    code: 'target-unreachable',
    message: `no AWX answers at ${name}: ${apiPrefixes.map((prefix, n) => `${prefix}/ping/ gave ${statuses[n]}`).join(', ')}`,
    fix: `Check the base URL of ${name} (without /api) and that AWX or Automation Platform is up behind it.`,
    retryable: true,
  });
}

const Said = z.record(z.string(), z.unknown());

/** AWX's words: `{"detail": …}`, or a list of complaints for each field. */
function wordsOf(answer: Answer): string {
  const said = Said.safeParse(parseJson(answer.text)).data ?? {};
  return Object.entries(said)
    .map(([field, words]) => {
      const text = [words].flat().map((one) => (typeof one === 'string' ? one : JSON.stringify(one)));
      return field === 'detail' ? text.join(', ') : `${field}: ${text.join(', ')}`;
    })
    .join('; ');
}

/** An answer that is not the one hoped for, with what AWX says about it. */
export const awxRefusal = (
  name: string,
  answer: Answer,
  asked: { readonly posted: boolean; readonly subject: string },
  mask: Mask,
): AppError => refusal(name, { ...answer, text: JSON.stringify({ title: wordsOf(answer) }) }, asked, mask);

/** AWX itself says that there is no such thing, not something in front of it. */
export const isMissing = (answer: Answer): boolean =>
  answer.status === 404 && z.object({ detail: z.string() }).safeParse(parseJson(answer.text)).success;

const Page = <T>(row: z.ZodType<T>) =>
  z.object({ count: z.number().int().nonnegative(), next: z.unknown(), results: z.array(row) });
const pageSize = 200;
const mostPages = 25;

/** The rows of a list, at most 5,000. The link to the next page is only looked at, not followed. */
export async function allRows<T>(
  api: AwxApi,
  path: string,
  subject: string,
  row: z.ZodType<T>,
): Promise<readonly T[]> {
  const rows: T[] = [];
  for (let page = 1; page <= mostPages; page += 1) {
    const query = { page: String(page), page_size: String(pageSize) };
    const { results, next } = await api.get(path, subject, Page(row), query);
    rows.push(...results);
    if (next === null || next === undefined || results.length === 0) break;
  }
  return rows;
}

/** The first page of a list and how many rows there are. */
export const firstRows = <T>(
  api: AwxApi,
  path: string,
  subject: string,
  row: z.ZodType<T>,
  query: Query,
): Promise<{ readonly count: number; readonly results: readonly T[] }> =>
  api.get(path, subject, Page(row), { page_size: String(pageSize), ...query });
