import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import type { Server as HttpServer } from 'node:http';
import type { Server } from 'restify';
import { Webhook } from 'standardwebhooks';
import type { ConfigurationItem, Incident } from '../../src/domain/incident.ts';
import { intake } from '../../src/flow/intake.ts';
import { newestEvents } from '../../src/flow/intake-record.ts';
import { openRuns } from '../../src/flow/projection.ts';
import { createServer, listen } from '../../src/server.ts';
import * as f from '../fakes/domain.ts';
import { outside, type Process, startProcess, tempFile } from '../fakes/flow.ts';

const key = Buffer.alloc(32, 1);
const secret = `whsec_${key.toString('base64')}`;
const stranger = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;
const sysId = 'a'.repeat(32);
const event = { table: 'incident', sys_id: sysId, number: 'INC0010023', sys_mod_count: 1 };
const text = (change: object = {}): string => JSON.stringify({ ...event, ...change });

type Sent = {
  readonly body: string | Uint8Array;
  readonly id?: string;
  /** What is signed, when it is not what is sent. */
  readonly signs?: string;
  readonly with?: string;
  readonly minutesOff?: number;
  readonly headers?: Record<string, string>;
};
type Case = {
  readonly name: string;
  readonly world?: { incident?: Incident | undefined; ci?: ConfigurationItem | undefined };
  readonly sent: readonly Sent[];
  /** Of the last one that was sent: what the sender is told. */
  readonly status: number;
  readonly answer: RegExp;
  /** What the operator finds of it. */
  readonly outcome: RegExp;
  readonly runs?: number;
};

const cases: readonly Case[] = [
  {
    name: 'an event that fits',
    sent: [{ body: text() }],
    status: 202,
    answer: /"accepted"/,
    outcome: /^proposed: run X$/,
    runs: 1,
  },
  {
    name: 'malformed JSON',
    sent: [{ body: '{"sys_id":' }],
    status: 400,
    answer: /the body is not JSON/,
    outcome: /^refused: a signed event does not fit: the body is not JSON.*\(webhook-id evt-1\)$/,
  },
  {
    name: 'a body of 300 kB',
    sent: [{ body: text({ filler: 'x'.repeat(300_000) }) }],
    status: 413,
    answer: /the body is too large; at most 65536 bytes/,
    outcome: /^refused: answered HTTP 413 \(webhook-id evt-1\)$/,
  },
  {
    name: 'unknown fields, whatever they claim',
    sent: [
      { body: text({ approved: true, approver: 'arne', policy: {}, parameters: { pool: 'x' }, state: '7' }) },
    ],
    status: 202,
    answer: /"accepted"/,
    outcome: /^proposed: run X$/,
    runs: 1,
  },
  {
    name: 'a wrong type of the id',
    sent: [{ body: text({ sys_id: 7 }) }],
    status: 400,
    answer: /sys_id/,
    outcome: /^refused: a signed event does not fit: .*sys_id/,
  },
  {
    name: 'a wrong type of the count',
    sent: [{ body: text({ sys_mod_count: { $gt: 0 } }) }],
    status: 400,
    answer: /sys_mod_count/,
    outcome: /^refused: a signed event does not fit: .*sys_mod_count/,
  },
  {
    name: 'a wrong type of the suggestion, which costs only itself',
    sent: [{ body: text({ suggestion: ['recycle'] }) }],
    status: 202,
    answer: /"accepted"/,
    outcome: /^proposed: run X; suggestion left out: /,
    runs: 1,
  },
  {
    name: 'bytes that are no UTF-8',
    sent: [
      { body: Buffer.concat([Buffer.from(text().slice(0, -1)), Buffer.from([0x2c, 0xff, 0xfe, 0x7d])]) },
    ],
    status: 401,
    answer: /^$/,
    outcome: /^refused: its body is not UTF-8, so no signature fits \(webhook-id evt-1\)$/,
  },
  {
    name: 'a signature of another body',
    sent: [{ body: text({ sys_mod_count: 2 }), signs: text() }],
    status: 401,
    answer: /^$/,
    outcome: /^refused: its signature does not fit the body, the secret or the time/,
  },
  {
    name: 'a signature of a stranger',
    sent: [{ body: text(), with: stranger }],
    status: 401,
    answer: /^$/,
    outcome: /^refused: its signature/,
  },
  {
    name: 'a signature of six minutes ago',
    sent: [{ body: text(), minutesOff: -6 }],
    status: 401,
    answer: /^$/,
    outcome: /^refused: its signature/,
  },
  {
    name: 'an id with a line break in disguise',
    sent: [{ body: text(), headers: { 'webhook-id': 'evt\u00a01 INC1 withdrawn' } }],
    status: 401,
    answer: /^$/,
    outcome: /^refused: its signature .* \(webhook-id evt 1 INC1 withdrawn\)$/,
  },
  {
    name: 'a compressed body',
    sent: [{ body: text(), headers: { 'content-encoding': 'gzip' } }],
    status: 415,
    answer: /uncompressed/,
    outcome: /^refused: answered HTTP 415/,
  },
  {
    name: 'a repeat, which is no second event',
    sent: [{ body: text() }, { body: text() }],
    status: 200,
    answer: /"repeat"/,
    outcome: /^proposed: run X$/,
    runs: 1,
  },
  {
    name: 'an id that is used again for another body',
    sent: [{ body: text() }, { body: text({ sys_mod_count: 2 }) }],
    status: 409,
    answer: /used for another body/,
    outcome: /^refused: this id came before with another body \(webhook-id evt-1\)$/,
    runs: 1,
  },
  {
    name: 'an incident that ServiceNow does not show',
    world: { incident: undefined },
    sent: [{ body: text() }],
    status: 202,
    answer: /"accepted"/,
    outcome: /^waits: ServiceNow does not show it yet$/,
  },
  {
    name: 'an item that is gone',
    world: { ci: undefined },
    sent: [{ body: text() }],
    status: 202,
    answer: /"accepted"/,
    outcome:
      /^failed: the CMDB has no item c{32}, or Handrail may not read it\. Correct the configuration item of INC0010023, /,
  },
  {
    name: 'an item that is retired',
    world: { ci: f.ci({ environment: 'test', fields: { u_app_pool: 'shop', install_status: '7' } }) },
    sent: [{ body: text() }],
    status: 202,
    answer: /"accepted"/,
    outcome: /^denied: run X; shop-web-01 is retired$/,
    runs: 1,
  },
];

describe('what comes to the door of ServiceNow events', () => {
  let temp: ReturnType<typeof tempFile>;
  let process: Process;
  let server: Server;
  let url: string;
  beforeEach(() => {
    temp = tempFile();
  });
  afterEach(async () => {
    const http: HttpServer = server.server;
    http.closeAllConnections();
    await new Promise<void>((closed) => http.close(() => closed()));
    await process.store.close();
    temp.remove();
  });

  const open = async ({ world = {} }: Pick<Case, 'world'>): Promise<void> => {
    const around = outside();
    process = await startProcess(around, temp.file);
    Object.assign(process.deps, {
      itsm: {
        ...process.deps.itsm,
        incident: async () => ('incident' in world ? world.incident : around.incident),
        ci: async () => ('ci' in world ? world.ci : around.ci),
      },
    });
    server = createServer({
      messages: async (_req, res) => void res.send(404),
      intake: intake(process.deps),
      webhookSecrets: [secret],
      ready: async () => true,
      report: () => undefined,
    });
    url = `http://127.0.0.1:${await listen(server, 0, '127.0.0.1')}/api/servicenow/events`;
  };
  const send = async ({ body, id = 'evt-1', signs, with: signer, minutesOff = 0, headers }: Sent) => {
    const at = new Date(Math.floor(Date.now() / 1_000) * 1_000 + minutesOff * 60_000);
    const seconds = String(at.getTime() / 1_000);
    // what the bytes are signed with, also where they are no text
    const mac = createHmac('sha256', key)
      .update(`${id}.${seconds}.`)
      .update(signs ?? body)
      .digest('base64');
    const signature = signer === undefined ? `v1,${mac}` : new Webhook(signer).sign(id, at, String(body));
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': signature, ...headers },
      body: Buffer.from(body),
    });
    return { status: answer.status, text: await answer.text() };
  };
  /** What the operator finds; what was answered is dealt with a moment later. */
  const outcomes = async (until: RegExp): Promise<string> => {
    for (let n = 0; ; n++) {
      const lines = await newestEvents(process.deps, 99, false);
      const all = lines.map(({ outcome }) => outcome.replaceAll(/[0-9A-HJKMNP-TV-Z]{26}/g, 'X'));
      if (n === 1_000 || (!all.includes('waits') && all.some((one) => until.test(one))))
        return all.join('\n');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };

  for (const one of cases)
    it(`gives ${one.name} a plain answer, and the operator a name for it`, async () => {
      await open(one);
      const answers = [];
      for (const sent of one.sent) answers.push(await send(sent));
      const last = answers.at(-1);
      assert.equal(last?.status, one.status);
      assert.match(last?.text ?? '', one.answer);
      assert.match(await outcomes(one.outcome), new RegExp(one.outcome, 'm'));
      assert.equal((await openRuns(process.deps)).length, one.runs ?? 0);
    });

  it('writes down no more refusals a minute than it may, because anybody can send them', async () => {
    await open({});
    const sent = Array.from({ length: 40 }, (_, n) => send({ body: text(), id: `evt-${n}`, with: stranger }));
    assert.deepEqual(new Set((await Promise.all(sent)).map(({ status }) => status)), new Set([401]));
    const isWritten = async () => (await newestEvents(process.deps, 99, true)).length;
    for (let n = 0; n < 500 && (await isWritten()) < 30; n++)
      await new Promise((resolve) => setTimeout(resolve, 10));
    assert.equal(await isWritten(), 30);
  });

  it('answers as before when a refusal cannot be written down', async () => {
    await open({});
    Object.assign(process.deps.state, { put: () => Promise.reject(new Error('the disk is full')) });
    const answers = [await send({ body: '{' }), await send({ body: text(), with: stranger })];
    assert.deepEqual(
      answers.map(({ status }) => status),
      [400, 401],
    );
  });
});
