import { Agent, request } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { arne, channel, incidentId, monotonicMs, tenantId } from './ids.ts';
import type { Subject, World } from './processes.ts';
import type { PostedCard } from './world.ts';

const idleMs = 2_000;

/** Milliseconds of one incident. */
export type Taken = {
  /** From sending the event until its card is posted. */
  readonly toCard: number;
  /** From the click on Approve until the remediation call. */
  readonly toRemediation: number;
  /** From sending the event until the incident is resolved and the card says so. */
  readonly toEnd: number;
};
export type Load = {
  readonly taken: readonly Taken[];
  readonly failed: readonly string[];
  readonly ms: number;
};

type Waiting = {
  card(card: PostedCard, at: number): void;
  remediation(at: number): void;
  end(at: number): void;
};

/**
 * Raises incidents and approves them. One driver a world: incidents are numbered once, for all subjects. One that has not
 * ended after `limitMs` has failed.
 */
export function driver(world: World, secret: string, limitMs = 60_000) {
  // idle connections are closed before the server's own five seconds: a busy server could close one under a request
  const agent = new Agent({ keepAlive: true, timeout: idleMs });
  const webhook = new Webhook(secret);
  const waiting = new Map<number, Waiting>();
  let last = 0;
  world.on((message) => {
    if (message.is === 'card') waiting.get(message.n)?.card(message.card, message.at);
    if (message.is === 'remediation') waiting.get(message.n)?.remediation(message.at);
    if (message.is === 'end') waiting.get(message.n)?.end(message.at);
  });

  /** One incident from its event to its end. Throws when it does not get there in time. */
  async function incident({ url, name }: Subject): Promise<Taken> {
    last += 1;
    const n = last;
    let stage = 'no card was posted';
    let clickedAt = 0;
    let [toCard, toRemediation] = [0, 0];
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const timer = setTimeout(() => reject(new Error(`${name}, incident ${n}: ${stage}`)), limitMs);
    const sentAt = monotonicMs();
    waiting.set(n, {
      card(card, at) {
        toCard = at - sentAt;
        stage = 'the remediation was not launched';
        clickedAt = monotonicMs();
        post(agent, `${url}/api/messages`, JSON.stringify(click(world.url, n, card))).catch(reject);
      },
      remediation(at) {
        toRemediation = at - clickedAt;
        stage = 'the incident was not resolved';
      },
      end: resolve,
    });
    try {
      const body = JSON.stringify({ sys_id: incidentId(n), sys_mod_count: 0 });
      await post(agent, `${url}/api/servicenow/events`, body, signed(webhook, n, body));
      const toEnd = (await promise) - sentAt;
      return { toCard, toRemediation, toEnd };
    } finally {
      clearTimeout(timer);
      waiting.delete(n);
    }
  }

  return {
    /** Brings `count` incidents to their end, `concurrency` at a time: the next one starts when one has ended. */
    async drive(subject: Subject, concurrency: number, count: number): Promise<Load> {
      const taken: Taken[] = [];
      const failed: string[] = [];
      const began = monotonicMs();
      let left = count;
      const worker = async (): Promise<void> => {
        while (left > 0) {
          left -= 1;
          await incident(subject).then(
            (one) => void taken.push(one),
            (error: unknown) => void failed.push(String(error)),
          );
        }
      };
      await Promise.all(Array.from({ length: Math.min(concurrency, count) }, worker));
      return { taken, failed, ms: monotonicMs() - began };
    },
    close: () => agent.destroy(),
  };
}

function signed(webhook: Webhook, n: number, body: string): Record<string, string> {
  const [id, at] = [`bench-${n}`, new Date()];
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': webhook.sign(id, at, body),
  };
}

/** What Teams sends when Arne clicks Approve. */
const click = (serviceUrl: string, n: number, { conversation, activity, data }: PostedCard) => ({
  type: 'invoke',
  name: 'adaptiveCard/action',
  id: `click-${n}`,
  channelId: 'msteams',
  serviceUrl,
  from: { id: `29:${arne.id}`, name: arne.name, aadObjectId: arne.id },
  recipient: { id: '28:22222222-2222-4222-8222-222222222222', name: 'Handrail' },
  conversation: { id: conversation, conversationType: 'channel', tenantId },
  channelData: { tenant: { id: tenantId }, team: { id: channel }, channel: { id: channel } },
  replyToId: activity,
  value: { action: { type: 'Action.Execute', verb: 'approve', data } },
});

function post(
  agent: Agent,
  url: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  return new Promise((resolve, reject) => {
    const length = String(Buffer.byteLength(body));
    const options = {
      method: 'POST',
      agent,
      headers: { 'content-type': 'application/json', 'content-length': length, ...headers },
    };
    const sent = request(url, options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const { statusCode = 0 } = response;
        // an invoke that was refused is answered 200 with the refusal inside
        if (statusCode < 300 && !/"statusCode":[45]/.test(text)) resolve();
        else reject(new Error(`${new URL(url).pathname} answered ${statusCode}: ${text.slice(0, 300)}`));
      });
    });
    sent.once('error', reject);
    sent.end(body);
  });
}
