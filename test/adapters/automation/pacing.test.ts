import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { opsApi } from '../../../src/adapters/automation/ops-api.ts';
import { type Pace, withPacing } from '../../../src/adapters/automation/pacing.ts';
import type { JobStatus, Target } from '../../../src/ports.ts';
import type { Playbook } from '../../../src/sandbox/awx/templates.ts';
import { ended, launchOf, refused } from '../../contract/target.ts';
import { awxWorld, template, untilCancelled } from './awx-world.ts';
import { opsWorld, quick, untilCancelled as untilStopped } from './ops-api-world.ts';
import { job, rundeckWorld, untilAborted } from './rundeck-world.ts';

type Outside = {
  readonly target: Target;
  readonly faults: { requests(): Promise<Record<string, number>> };
  close(): Promise<void>;
};
const start = Date.parse('2026-11-22T10:00:00Z');

/** A paced target, a clock that stands still, and what the target was asked. */
function paced(outside: Outside, pace: Pace = {}) {
  const clock = { at: start };
  const target = withPacing(outside.target, { now: () => new Date(clock.at) }, pace);
  const launch = async (name: string): Promise<string> => (await target.launch(launchOf(name))).externalId;
  const asked = async (since: Record<string, number> = {}) => {
    const counts = Object.entries(await outside.faults.requests());
    return Object.fromEntries(
      counts.flatMap(([key, n]) => (n === since[key] ? [] : [[key, n - (since[key] ?? 0)] as const])),
    );
  };
  /** Asks as the flow does: polls what has its turn, moves the clock to the next turn, until each was asked once. */
  const round = async (jobs: readonly string[], urgent = false): Promise<JobStatus[]> => {
    const answers = new Map<string, Promise<JobStatus>>();
    while (answers.size < jobs.length) {
      const turns: number[] = [];
      for (const id of jobs.filter((one) => !answers.has(one))) {
        const turn = target.turn?.(id, { at: new Date(clock.at), urgent });
        if (turn === undefined) answers.set(id, target.poll(id));
        else turns.push(turn.getTime());
      }
      await Promise.allSettled(answers.values());
      if (turns.length > 0) clock.at = Math.min(...turns);
    }
    return Promise.all(jobs.map((id) => answers.get(id) ?? assert.fail('not asked')));
  };
  /** Gives all of them the same turn. */
  const together = (jobs: readonly string[]) => {
    clock.at += 10_000;
    for (const id of jobs) target.turn?.(id, { at: new Date(clock.at + 5_000), urgent: false });
    clock.at += 5_000;
  };
  return { target, clock, launch, asked, round, together };
}

let outside: Outside;
const all = async <T>(count: number, call: () => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, call));

describe('many jobs of one AWX', () => {
  const world = async (playbook: Playbook = untilCancelled) => {
    const awx = await awxWorld(
      [template('Wait', playbook), template('Other', playbook)],
      {},
      {
        workflowTemplates: [
          {
            name: 'Flow',
            asks: ['variables'],
            allowSimultaneous: true,
            nodes: [{ identifier: 'only', template: 'Other' }],
          },
        ],
      },
    );
    outside = awx;
    return { awx, ...paced(awx) };
  };
  afterEach(() => outside.close());

  it('are asked about with one request, workflow jobs included', async () => {
    const { launch, asked, round, together } = await world();
    const jobs = [...(await all(20, () => launch('Wait'))), ...(await all(5, () => launch('workflow:Flow')))];
    together(jobs);
    const before = await asked();
    const told = await round(jobs);
    assert.deepEqual(
      told.map(({ externalId }) => externalId),
      jobs,
    );
    assert.ok(told.every(({ state }) => state === 'running' || state === 'queued'));
    assert.deepEqual(await asked(before), { 'GET /api/v2/unified_jobs/': 1 });
  });

  it('are asked about one by one when they are over, and only then', async () => {
    const { target, launch, asked, round, together } = await world();
    const jobs = await all(6, () => launch('Wait'));
    const [first = ''] = jobs;
    await target.cancel(first);
    assert.equal((await ended(target, first)).state, 'canceled');
    together(jobs);
    const before = await asked();
    const told = await round(jobs);
    assert.deepEqual(told.map(({ state }) => state).sort(), ['canceled', ...Array(5).fill('running')]);
    assert.deepEqual(await asked(before), { 'GET /api/v2/unified_jobs/': 1, 'GET /api/v2/jobs/:id/': 1 });
  });

  it('are stopped when they wait too long to begin, though they are asked about together', async () => {
    const awx = await awxWorld([template('Wait', untilCancelled, { allowSimultaneous: false })], {
      startWithinMs: 0,
    });
    outside = awx;
    const { launch, asked, round, together } = paced(awx);
    const jobs = await all(2, () => launch('Wait'));
    // the other one runs, so this one is pending; AWX tells the time in whole seconds
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    together(jobs);
    const before = await asked();
    const told = await round(jobs);
    assert.ok(told.some(({ detail }) => /did not start within 0 s, so it is being cancelled/.test(detail)));
    assert.equal((await asked(before))['POST /api/v2/jobs/:id/cancel/'], 1);
  });

  it('all ask again when the request they shared failed, after what the target asked for', async () => {
    const { awx, target, clock, launch, asked, round, together } = await world();
    const jobs = await all(4, () => launch('Wait'));
    together(jobs);
    const busy = { path: '/api/v2/unified_jobs/', status: 429, headers: { 'retry-after': '20' } };
    await awx.faults.arm(busy);
    const failed = await Promise.allSettled(
      jobs.map((id) => {
        assert.equal(target.turn?.(id, { at: new Date(clock.at), urgent: false }), undefined);
        return target.poll(id);
      }),
    );
    assert.ok(failed.every((one) => one.status === 'rejected' && /answered 429/.test(String(one.reason))));
    const before = await asked();
    const failedAt = clock.at;
    const told = await round(jobs);
    assert.ok(clock.at >= failedAt + 20_000, 'it was left in peace');
    assert.ok(told.every(({ state }) => state === 'running'));
    assert.deepEqual(await asked(before), { 'GET /api/v2/unified_jobs/': 1 });
  });

  it('are asked about one by one where the list is not for us', async () => {
    const { awx, launch, asked, round, together } = await world();
    const jobs = await all(3, () => launch('Wait'));
    together(jobs);
    const path = '/api/v2/unified_jobs/';
    await awx.faults.arm({ path, status: 403, body: '{"detail":"no"}' });
    const before = await asked();
    assert.ok((await round(jobs)).every(({ state }) => state === 'running'));
    await round(jobs);
    assert.deepEqual(await asked(before), { [`GET ${path}`]: 1, 'GET /api/v2/jobs/:id/': 6 });
  });
});

describe('many executions of one Rundeck', () => {
  afterEach(() => outside.close());

  it('are asked about with one request, and one that has ended by itself', async () => {
    const rundeck = await rundeckWorld([job('Wait', untilAborted)]);
    outside = rundeck;
    const { target, launch, asked, round, together } = paced(rundeck);
    const jobs = await all(12, () => launch('ops/Wait'));
    together(jobs);
    const list = 'GET /api/:v/project/:project/executions/running';
    const before = await asked();
    assert.ok((await round(jobs)).every(({ state }) => state === 'running'));
    assert.deepEqual(await asked(before), { [list]: 1 });
    const [first = ''] = jobs;
    await target.cancel(first);
    await ended(target, first);
    together(jobs);
    const since = await asked();
    assert.equal((await round(jobs))[0]?.state, 'canceled');
    assert.deepEqual(await asked(since), { [list]: 1, 'GET /api/:v/execution/:id': 1 });
  });
});

describe('many jobs of a target that tells of one at a time', () => {
  afterEach(() => outside.close());

  it('are asked about one after the other', async () => {
    const ops = await opsWorld({ wait: untilStopped });
    outside = ops;
    const { clock, launch, asked, round } = paced(ops, { everyMs: 200 });
    const jobs = await all(10, () => launch('wait'));
    const before = await asked();
    await round(jobs);
    assert.deepEqual(await asked(before), { 'GET /runs/:id': 10 });
    assert.equal(clock.at - start, 9 * 200);
  });

  it('are stopped at once, and asked about ahead of the others', async () => {
    const ops = await opsWorld({ wait: untilStopped });
    outside = ops;
    const { target, clock, launch } = paced(ops);
    const jobs = await all(50, () => launch('wait'));
    for (const id of jobs) target.turn?.(id, { at: new Date(clock.at), urgent: false });
    const last = jobs.at(-1) ?? '';
    assert.equal(target.turn?.(last, { at: new Date(clock.at), urgent: true }), undefined);
    await target.cancel(last);
    assert.equal((await ended(ops.target, last)).state, 'canceled');
  });

  it('are left in peace while it is away, longer each time, and none is lost', async () => {
    const ops = await opsWorld({ wait: untilStopped }, { attempts: 1 });
    outside = ops;
    const { target, clock, launch, asked, round } = paced(ops);
    const id = await launch('wait');
    await ops.faults.arm({ path: '/runs', status: 503, times: 3 });
    const pauses: number[] = [];
    for (let n = 0; n < 3; n += 1) {
      const from = clock.at;
      await refused(
        round([id]).then(([told]) => told),
        'target-unreachable',
      );
      pauses.push(clock.at - from);
    }
    assert.deepEqual(pauses, [0, 1_000, 2_000]);
    const before = await asked();
    await refused(target.poll(id), 'target-unreachable');
    assert.deepEqual(await asked(before), {}, 'one without a turn is told what is known');
    assert.equal((await round([id]))[0]?.state, 'running');
  });

  it('are asked about by so many requests at once, and no more', async () => {
    const held: ServerResponse[] = [];
    let most = 0;
    const server = createServer((request, response) => {
      if (request.url === '/here') return void response.end();
      held.push(response);
      most = Math.max(most, held.length);
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const close = () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    outside = { target: opsApi(quick(url)), faults: { requests: async () => ({}) }, close };
    const { target, clock } = paced(outside, { requests: 2 });
    const arrived = async (count: number) => {
      while (held.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    const answer = (id: string) => {
      const body = JSON.stringify({ id, status: 'running' });
      held.shift()?.writeHead(200, { 'content-type': 'application/json' }).end(body);
    };
    const polls = ['a', 'b', 'c'].map((id) => target.poll(id));
    await arrived(2);
    // whatever else was sent would have arrived before these
    for (let n = 0; n < 5; n += 1) await (await fetch(`${url}/here`)).text();
    const later = target.turn?.('d', { at: new Date(clock.at), urgent: false });
    assert.ok(later !== undefined && later.getTime() > clock.at, 'it comes back when there may be room');
    answer('a');
    await polls[0];
    await arrived(2);
    answer('b');
    answer('c');
    assert.deepEqual(
      (await Promise.all(polls)).map(({ externalId }) => externalId),
      ['a', 'b', 'c'],
    );
    assert.equal(most, 2);
  });
});
