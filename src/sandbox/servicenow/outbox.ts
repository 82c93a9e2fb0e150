import { Webhook } from 'standardwebhooks';
import type { OutboxRow, Row, State } from './state.ts';

export type Endpoint = {
  readonly url: string;
  /** `whsec_…`, shared with the receiver. */
  readonly secret: string;
  /** Signs with this one too, during a rotation. */
  readonly previousSecret?: string;
  readonly maxAttempts?: number;
  /** Milliseconds to wait after attempt n; min(3600, 15·2^n) seconds when it is not said. */
  readonly backoffMs?: (attempt: number) => number;
  readonly timeoutMs?: number;
};

type World = { readonly state: State; now(): Date; flush(): Promise<void> };

export type Outbox = {
  /** Stores the event of an incident's current version; a second one of the same version is dropped. */
  enqueue(row: Row): void;
  /** Starts or moves the sending. */
  sendTo(endpoint: Endpoint): void;
  /** Sends what is due; called after the write it belongs to is on disk. */
  kick(): void;
  stop(): Promise<void>;
};

const parallel = 8;
const dead = new Set([400, 401, 403, 410]);
/** No character beyond ASCII: what is signed and what is sent cannot differ by encoding. */
const ascii = (text: string): string =>
  text.replaceAll(/[\u007f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
const usual = (attempt: number): number => Math.min(3_600, 15 * 2 ** attempt) * 1_000;

/**
 * Sends events as the ServiceNow app does: an outbox and a sender that signs each attempt (Standard Webhooks). It gives up
 * sooner, after 10 attempts and at once on a 401 or 403, and supersedes nothing: older versions of an incident are told too.
 */
export function outbox(world: World, first?: Endpoint): Outbox {
  let endpoint = first && checked(first);
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const busy = new Map<string, Promise<void>>();

  const attempt = async (row: OutboxRow, to: Endpoint): Promise<void> => {
    const result = await post(row, to, world.now());
    if (stopped) return; // tried again after the restart, under the same id
    world.state.outbox[row.eventId] = settle(row, result, to, world.now());
    await world.flush();
  };

  const kick = (): void => {
    clearTimeout(timer);
    const to = endpoint;
    if (to === undefined || stopped) return;
    const waiting = Object.values(world.state.outbox)
      .filter((row) => row.state === 'ready' && !busy.has(row.eventId))
      .toSorted((a, b) => a.nextAttempt - b.nextAttempt);
    const now = world.now().getTime();
    const due = waiting.filter((row) => row.nextAttempt <= now).slice(0, parallel - busy.size);
    for (const row of due) {
      const sending = attempt(row, to)
        .catch(report)
        .finally(() => {
          busy.delete(row.eventId);
          kick();
        });
      busy.set(row.eventId, sending);
    }
    const next = waiting[due.length];
    if (next === undefined || busy.size >= parallel) return;
    timer = setTimeout(kick, Math.max(1, next.nextAttempt - now));
  };

  return {
    enqueue(row) {
      const sysId = row['sys_id'] ?? '';
      const count = Number(row['sys_mod_count'] ?? '0');
      const eventId = `inc_${sysId}_${count}`;
      const event = { table: 'incident', sys_id: sysId, number: row['number'], sys_mod_count: count };
      const body = ascii(JSON.stringify({ ...event, ...suggested(row) }));
      world.state.outbox[eventId] ??= {
        eventId,
        body,
        state: 'ready',
        attempts: 0,
        nextAttempt: world.now().getTime(),
        lastStatus: 0,
        lastError: '',
      };
    },
    sendTo(to) {
      endpoint = checked(to);
      kick();
    },
    kick,
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await Promise.allSettled(busy.values());
    },
  };
}

/** What an AI triage wrote into its column: JSON, or whatever it is. Who receives the event judges it. */
function suggested({ u_triage_suggestion: text = '' }: Row): { suggestion?: unknown } {
  if (text === '') return {};
  try {
    return { suggestion: JSON.parse(text) };
  } catch (error) {
    if (error instanceof SyntaxError) return { suggestion: text };
    throw error;
  }
}

/** Only the state file can fail here; the row stays ready in it and is sent again after a restart. */
const report = (error: unknown): void => {
  process.stderr.write(`simulated ServiceNow, outbox: ${String(error)}\n`);
};

/** Throws at once on a secret nobody can sign with, not at the first event. */
function checked(endpoint: Endpoint): Endpoint {
  for (const secret of [endpoint.secret, endpoint.previousSecret])
    if (secret !== undefined) new Webhook(secret);
  return endpoint;
}

type Result = { readonly status: number; readonly error: string };

/** One attempt. The timestamp is new each time, the id is not. */
async function post(row: OutboxRow, to: Endpoint, now: Date): Promise<Result> {
  const secrets = to.previousSecret === undefined ? [to.secret] : [to.secret, to.previousSecret];
  const signature = secrets.map((secret) => new Webhook(secret).sign(row.eventId, now, row.body)).join(' ');
  try {
    const response = await fetch(to.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'webhook-id': row.eventId,
        'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
        'webhook-signature': signature,
      },
      body: row.body,
      redirect: 'manual',
      signal: AbortSignal.timeout(to.timeoutMs ?? 10_000),
    });
    await response.arrayBuffer();
    return { status: response.status, error: response.ok ? '' : `HTTP ${response.status}` };
  } catch (error) {
    return { status: 0, error: error instanceof Error ? error.message : String(error) };
  }
}

function settle(row: OutboxRow, result: Result, to: Endpoint, now: Date): OutboxRow {
  const attempts = row.attempts + 1;
  const tried = { ...row, attempts, lastStatus: result.status, lastError: result.error.slice(0, 500) };
  if (result.status >= 200 && result.status < 300) return { ...tried, state: 'sent' };
  if (dead.has(result.status) || attempts >= (to.maxAttempts ?? 10)) return { ...tried, state: 'dead' };
  return { ...tried, nextAttempt: now.getTime() + (to.backoffMs ?? usual)(attempts) };
}
