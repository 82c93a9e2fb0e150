import assert from 'node:assert/strict';
import { ulid } from 'ulid';
import type { JobStatus, Launch, Target } from '../../src/ports.ts';
import * as f from '../fakes/domain.ts';
import { type Outside, outside, type Process, propose, startProcess, tempFile } from '../fakes/flow.ts';

const servers = Array.from({ length: 6 }, (_, n) => `web${n + 1}`);
const pool = { from: [], default: servers };
const undo = {
  id: 'restore',
  title: 'Restore',
  target: 'ops',
  job: 'restore',
  with: { servers: '{servers}' },
  rolling: { over: 'servers', maxUnavailable: 2 },
};

describe('a run through a pool of servers', () => {
  let temp: ReturnType<typeof tempFile>;
  let world: Outside;
  let process: Process;
  /** What the target says of the hosts of a job, by its name and what it was given. */
  let hosts: Record<string, JobStatus['hosts']>;
  const asked: Launch[] = [];
  const launched: Launch[] = [];

  const start = async (how: Record<string, unknown> = {}, policy: Record<string, unknown> = {}) => {
    const runbook = f.rolling(pool, how, { cooldown: '0s', rollback: { steps: [undo] } });
    const catalogue = { runbooks: new Map([['recycle', runbook]]), policy: f.policy(policy) };
    process = await startProcess(world, temp.file, { catalogue });
    const ops = process.deps.targets.get('ops') ?? assert.fail('no target');
    const withHosts = (status: JobStatus): JobStatus => {
      const launch = world.jobs.get(status.externalId);
      const told = hosts[`${launch?.job} ${launch?.parameters['servers']}`];
      return told ? { ...status, hosts: told } : status;
    };
    const target: Target = {
      ...ops,
      launch: async (launch) => {
        launched.push(launch);
        return ops.launch(launch);
      },
      poll: async (id) => withHosts(await ops.poll(id)),
      preflight: async (launch) => {
        asked.push(launch);
        return { ok: true };
      },
    };
    Object.assign(process.deps, { targets: new Map([['ops', target]]) });
  };
  const run = async (runId = f.RUN) => {
    await process.command(propose, runId);
    await process.command(f.command('approve', f.arne, {}), runId);
    await process.settle(runId);
    return process.run(runId);
  };
  const given = (all: readonly Launch[]) =>
    all.map(({ job, parameters }) => `${job} ${parameters['servers']}`);
  beforeEach(() => {
    temp = tempFile();
    world = outside();
    hosts = {};
    asked.length = 0;
    launched.length = 0;
  });
  afterEach(async () => {
    await process.store.close();
    temp.remove();
  });

  it('launches each batch once, in order, with its hosts alone', async () => {
    await start();
    assert.equal((await run()).closed?.outcome, 'succeeded');
    assert.deepEqual(given(launched), ['restart web1,web2', 'restart web3,web4', 'restart web5,web6']);
    assert.equal(new Set(launched.map(({ executionId }) => executionId)).size, 3);
  });

  it('asks ahead for the first batch of each pool, not for all of them', async () => {
    await start();
    await run();
    assert.deepEqual(given(asked).sort(), ['restart web1,web2', 'restore web1,web2']);
  });

  it('keeps what the target says of each host, and goes on past one that may fail', async () => {
    hosts = {
      'restart web3,web4': [
        { host: 'web3', result: 'failed', detail: 'did not answer' },
        { host: 'web4', result: 'succeeded' },
      ],
    };
    await start({ stopAfterFailures: 2 });
    const { closed, steps } = await run();
    assert.deepEqual(steps[1]?.hosts, hosts['restart web3,web4']);
    assert.equal(steps[1]?.result, 'failed');
    assert.deepEqual(given(launched), ['restart web1,web2', 'restart web3,web4', 'restart web5,web6']);
    assert.equal(closed?.outcome, 'remediation failed');
    assert.match(closed?.reason ?? '', /5 of 6 hosts done; web3 failed: did not answer/);
    const notes = [...world.notes.values()].join('\n');
    assert.match(notes, /Step restart-2 \(remediation\): failed, .*; web3 failed: did not answer, web4 done/);
  });

  it('stops where too many failed, and undoes what was begun', async () => {
    hosts = { 'restart web3,web4': [{ host: 'web3', result: 'failed' }] };
    await start();
    const { closed } = await run();
    assert.deepEqual(given(launched), [
      'restart web1,web2',
      'restart web3,web4',
      'restore web1,web2',
      'restore web3,web4',
    ]);
    assert.equal(closed?.outcome, 'rolled back');
  });

  it('launches no batch twice when the answer to one is lost', async () => {
    await start();
    let left = 2;
    world.fault = (point) => {
      if (point === 'after:launch' && --left === 0) throw new Error('lost');
    };
    assert.equal((await run()).closed?.outcome, 'succeeded');
    assert.deepEqual(
      [...world.jobs.values()].map(({ parameters }) => parameters['servers']),
      ['web1,web2', 'web3,web4', 'web5,web6'],
    );
  });

  it('counts as one run on its item, however many batches it had', async () => {
    await start({ maxUnavailable: 1 }, { flapping: { runs: 20, within: '6h' } });
    for (let n = 0; n < 12; n += 1) {
      world.now = f.minutes(n);
      assert.equal((await run(ulid())).closed?.outcome, 'succeeded');
    }
    const line = (await run()).evaluations['proposal']?.lines.find(
      ({ guardrail }) => guardrail === 'flapping',
    );
    assert.match(line?.reason ?? '', /^12 runs on this CI/);
  }).timeout(60_000);
});
