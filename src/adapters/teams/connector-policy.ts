import type { ConnectorClient } from 'botframework-connector';
import type { ServiceUrlRule } from './service-url.ts';

/** The parts of an `@azure/core-rest-pipeline` pipeline we use. */
type Request = { url: string; method: string; timeout: number };
type Response = { readonly status: number; readonly headers: { get(name: string): string | undefined } };
type Next = (request: Request) => Promise<Response>;
type Pipeline = {
  addPolicy(
    policy: { name: string; sendRequest(request: Request, next: Next): Promise<Response> },
    at: { phase: 'Retry' },
  ): void;
  removePolicy(which: { name: string }): readonly unknown[];
};

export type ConnectorLimits = {
  /** Attempts in all, the first one included. */
  readonly attempts: number;
  /** For one attempt. */
  readonly timeoutMs: number;
  /** First pause when Teams names none; doubles each time. */
  readonly backoffMs: number;
  /** A longer Retry-After is not waited for; the caller learns of it. */
  readonly longestWaitMs: number;
};
export const defaultLimits: ConnectorLimits = {
  attempts: 4,
  timeoutMs: 10_000,
  backoffMs: 500,
  longestWaitMs: 10_000,
};

/**
 * The statuses Teams asks bots to retry; "must avoid retrying status codes that aren't specified", 500 among them.
 * Source: Microsoft Teams docs, build-conversational-capability, "Status code from bot conversational APIs".
 */
const retried = new Set([412, 429, 502, 503, 504]);

export type PolicyOptions = {
  readonly serviceUrls: ServiceUrlRule;
  readonly limits: ConnectorLimits;
  readonly sleep: (ms: number) => Promise<unknown>;
  readonly lane: Lane;
};

/** The SDK's ConnectorFactory; without an audience it uses that of the bot's cloud. */
type ClientFactory = { create(serviceUrl: string, audience?: string): Promise<ConnectorClient> };

/** Replaces the SDK's retry (which repeats a 500 and cannot be switched off) on every client a factory makes. */
export function withConnectorPolicy(inner: ClientFactory, options: PolicyOptions): ClientFactory {
  return {
    async create(serviceUrl, audience) {
      const client = await inner.create(serviceUrl, audience);
      const pipeline = pipelineOf(client);
      if (pipeline.removePolicy({ name: 'defaultRetryPolicy' }).length !== 1)
        throw new Error(
          'the connector client has no retry policy to replace: check the botframework-connector version',
        );
      pipeline.addPolicy(connectorPolicy(options), { phase: 'Retry' });
      return client;
    },
  };
}

function connectorPolicy({ serviceUrls, limits, sleep, lane }: PolicyOptions) {
  return {
    name: 'handrailConnectorPolicy',
    async sendRequest(request: Request, next: Next): Promise<Response> {
      // The last gate before our token leaves: whatever chose this URL, it has to be a Teams host.
      if (!serviceUrls(request.url)) throw new Error('the connector address is not a Teams host');
      request.timeout = limits.timeoutMs;
      const attempt = () => withRetry(() => next(request), limits, sleep);
      const conversation = /\/v3\/conversations\/([^/?]+)/.exec(request.url)?.[1];
      return request.method === 'GET' || conversation === undefined ? attempt() : lane(conversation, attempt);
    },
  };
}

async function withRetry(
  send: () => Promise<Response>,
  limits: ConnectorLimits,
  sleep: PolicyOptions['sleep'],
): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    const response = await send();
    if (!retried.has(response.status) || attempt >= limits.attempts) return response;
    const wait = retryAfterMs(response.headers.get('retry-after')) ?? limits.backoffMs * 2 ** (attempt - 1);
    if (wait > limits.longestWaitMs) return response;
    await sleep(wait);
  }
}

/** Retry-After in milliseconds: seconds or an HTTP date; undefined when absent or unreadable. */
export function retryAfterMs(header: string | null | undefined, now = Date.now()): number | undefined {
  if (header === null || header === undefined || header.trim() === '') return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

export type Lane = <T>(key: string, work: () => Promise<T>) => Promise<T>;

/** Runs work of one key one after the other: Teams answers 412 to concurrent writes in one conversation. */
export function lanes(): Lane {
  const last = new Map<string, Promise<unknown>>();
  return <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const turn = (last.get(key) ?? Promise.resolve()).then(work, work);
    last.set(key, turn);
    const clear = () => {
      if (last.get(key) === turn) last.delete(key);
    };
    turn.then(clear, clear);
    return turn;
  };
}

function pipelineOf(client: ConnectorClient): Pipeline {
  const inner: unknown = Reflect.get(client, 'client');
  const pipeline: unknown =
    typeof inner === 'object' && inner !== null ? Reflect.get(inner, 'pipeline') : undefined;
  if (
    typeof pipeline !== 'object' ||
    pipeline === null ||
    !('removePolicy' in pipeline) ||
    !('addPolicy' in pipeline)
  )
    throw new Error('the connector client has no pipeline: check the botframework-connector version');
  return pipeline as Pipeline;
}
