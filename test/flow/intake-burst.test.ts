import assert from 'node:assert/strict';
import type { Server as HttpServer } from 'node:http';
import type { Server } from 'restify';
import { Webhook } from 'standardwebhooks';
import { intake } from '../../src/flow/intake.ts';
import { newestEvents } from '../../src/flow/intake-record.ts';
import { loadRun } from '../../src/flow/load-run.ts';
import { openRuns } from '../../src/flow/projection.ts';
import { createServer, listen } from '../../src/server.ts';
import * as f from '../fakes/domain.ts';
import { outside, type Process, startProcess, tempFile } from '../fakes/flow.ts';

const secret = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
const [incidents, versions] = [8, 12];
const idOf = (n: number): string => n.toString(16).padStart(32, '0');

/** The same order in every run, and no order a sender would choose. */
const shuffled = <T>(all: readonly T[]): T[] =>
  all
    .map((one, n) => [(n * 7_919) % 1_009, one] as const)
    .toSorted(([a], [b]) => a - b)
    .map(([, one]) => one);

describe('a burst of events', () => {
  let temp: ReturnType<typeof tempFile>;
  let process: Process;
  let server: Server;
  let url: string;
  let reads: number;
  beforeEach(async () => {
    temp = tempFile();
    reads = 0;
    process = await startProcess(outside(), temp.file);
    Object.assign(process.deps, {
      itsm: {
        ...process.deps.itsm,
        incident: async ({ sysId = '' }) => {
          reads += 1;
          await new Promise((resolve) => setTimeout(resolve, 20));
          const n = Number.parseInt(sysId, 16);
          return f.incident({ sysId, number: `INC000000${n}`, ciSysId: idOf(100 + n), modCount: versions });
        },
        ci: async (sysId: string) => f.ci({ sysId }),
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
  });
  afterEach(async () => {
    const http: HttpServer = server.server;
    http.closeAllConnections();
    await new Promise<void>((closed) => http.close(() => closed()));
    await process.store.close();
    temp.remove();
  });

  const send = async (incident: number, version: number): Promise<number> => {
    const id = `inc_${incident}_${version}`;
    const body = JSON.stringify({ sys_id: idOf(incident), sys_mod_count: version });
    const at = new Date(Math.floor(Date.now() / 1_000) * 1_000);
    const headers = {
      'webhook-id': id,
      'webhook-timestamp': String(at.getTime() / 1_000),
      'webhook-signature': new Webhook(secret).sign(id, at, body),
    };
    const answer = await fetch(url, { method: 'POST', headers, body });
    await answer.arrayBuffer();
    return answer.status;
  };

  it('is taken whole, and becomes one proposal an incident with a few looks at ServiceNow', async () => {
    const all = Array.from({ length: incidents * versions }, (_, n) => n);
    const sent = shuffled(all).map((n) => send(n % incidents, 1 + Math.floor(n / incidents)));
    assert.deepEqual([...new Set(await Promise.all(sent))], [202]);
    const left = async () => (await newestEvents(process.deps, 500, true)).length;
    for (let n = 0; n < 2_000 && (await left()) > 0; n++)
      await new Promise((resolve) => setTimeout(resolve, 10));
    const events = await newestEvents(process.deps, 500, false);
    assert.equal(events.length, incidents * versions);
    assert.deepEqual(
      events.filter(({ failed }) => failed),
      [],
    );
    const runs = await Promise.all((await openRuns(process.deps)).map((id) => loadRun(process.deps, id)));
    assert.equal(runs.length, incidents);
    assert.equal(new Set(runs.map((run) => run.proposal?.incident.number)).size, incidents);
    assert.equal(events.filter(({ outcome }) => outcome.startsWith('proposed')).length, incidents);
    // a look and a proposal each, and now and then one more look; without folding there would be one an event
    assert.ok(reads <= 4 * incidents, `${reads} reads`);
  });
});
