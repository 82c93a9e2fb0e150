import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Command } from '../../src/domain/commands.ts';
import { system } from '../../src/domain/people.ts';
import { poolInWords, poolsOf } from '../../src/domain/pool.ts';
import { type Run, stateOf } from '../../src/domain/run.ts';
import { viewOf } from '../../src/domain/run-view.ts';
import type { LoadedRunbook } from '../../src/domain/runbook.ts';
import type { StepResult } from '../../src/domain/step-end.ts';
import { nextStep } from '../../src/domain/steps.ts';
import * as f from '../fakes/domain.ts';

const ok = <T>(value: T) => ({ ok: true, value }) as const;
const pool = (size: number): string[] => Array.from({ length: size }, (_, n) => `web${n + 1}`);
const undo = (how: Record<string, unknown> = {}) => ({
  rollback: {
    steps: [
      {
        id: 'restore',
        title: 'Restore',
        target: 'ops',
        job: 'restore',
        with: { servers: '{servers}' },
        rolling: { over: 'servers', maxUnavailable: 2, ...how },
      },
    ],
  },
});

/** How each batch ends: its result, or the hosts that failed. */
type Ending = StepResult | readonly string[];

const end = (step: string, ending: Ending): Command =>
  typeof ending === 'string'
    ? f.result(step, ending)
    : f.command('step-result', system('target'), {
        step,
        result: 'failed',
        detail: 'some hosts failed',
        hosts: ending.map((host) => ({ host, result: 'failed', detail: 'no answer' })),
      });

/** Plays a run over a pool to its end, or until somebody has to act. Batches end as they are told, the rest succeeds. */
function played(
  loaded: LoadedRunbook,
  servers: readonly string[],
  endings: Readonly<Record<string, Ending>>,
): { readonly run: Run; readonly steps: readonly string[] } {
  const change = {
    runbook: loaded,
    world: f.world({ ci: ok(f.ci({ fields: { u_servers: servers.join(' ') } })) }),
  };
  const step = (run: Run, command: Command): Run => f.play(run, command, change).run;
  let run = [f.anyOf.dispatch].reduce(step, f.after([f.anyOf.propose, f.anyOf.approve], change));
  while (stateOf(run) !== 'closed') {
    const { id } = run.steps.at(-1) ?? { id: '' };
    const ending = endings[id] ?? 'succeeded';
    // hosts of the batch that are not named went well
    const plan = run.approval?.plan.steps.find((one) => one.id === id);
    const batch = plan?.does === 'job' ? (plan.batch?.hosts ?? []) : [];
    const command = end(id, ending);
    const told =
      command.name === 'step-result' && typeof ending !== 'string'
        ? {
            ...command,
            hosts: batch.map((host) =>
              ending.includes(host)
                ? { host, result: 'failed' as const, detail: 'no answer' }
                : { host, result: 'succeeded' as const },
            ),
          }
        : command;
    run = step(run, told);
  }
  return { run, steps: run.steps.map((one) => one.id) };
}

const closed = ({ closed: last }: Run): string => `${last?.outcome}: ${last?.reason}`;

describe('a run that goes through a pool', () => {
  const five = pool(5);

  it('does one batch after the other, then verifies', () => {
    const { run, steps } = played(f.rolling(), five, {});
    assert.deepEqual(steps, ['restart-1', 'restart-2', 'restart-3', 'answers']);
    assert.equal(closed(run), 'succeeded: verified healthy');
  });

  it('keeps for every host how it ended', () => {
    const { run } = played(f.rolling({}, { stopAfterFailures: 2 }), five, { 'restart-2': ['web4'] });
    assert.deepEqual(run.steps[1]?.hosts, [
      { host: 'web3', result: 'succeeded' },
      { host: 'web4', result: 'failed', detail: 'no answer' },
    ]);
    assert.deepEqual(
      run.steps[0]?.hosts?.map(({ result }) => result),
      ['succeeded', 'succeeded'],
    );
    assert.equal(run.steps[3]?.hosts, undefined);
  });

  it('begins no further batch when as many have failed as may', () => {
    const { run, steps } = played(f.rolling(), five, { 'restart-2': ['web4'] });
    assert.deepEqual(steps, ['restart-1', 'restart-2']);
    assert.equal(
      closed(run),
      'remediation failed: Restart: 3 of 5 hosts done; web4 failed: no answer; not touched: web5',
    );
  });

  it('goes on below that, verifies, and is no success: what was done stays', () => {
    const { run, steps } = played(f.rolling({}, { stopAfterFailures: 2 }, undo()), five, {
      'restart-1': ['web1'],
    });
    assert.deepEqual(steps, ['restart-1', 'restart-2', 'restart-3', 'answers']);
    assert.equal(
      closed(run),
      'remediation failed: Restart: 4 of 5 hosts done; web1 failed: no answer; the service was verified healthy, so nothing was rolled back',
    );
  });

  it('counts the failures of all batches', () => {
    const { run, steps } = played(f.rolling({}, { stopAfterFailures: 2 }), five, {
      'restart-1': ['web1'],
      'restart-2': ['web3'],
    });
    assert.deepEqual(steps, ['restart-1', 'restart-2']);
    assert.match(
      closed(run),
      /2 of 5 hosts done; web1 failed: no answer; web3 failed: no answer; not touched: web5$/,
    );
  });

  it('counts a batch of a target that names no hosts for all of them, and says what the target said', () => {
    const { run, steps } = played(f.rolling({}, { stopAfterFailures: 2 }), five, { 'restart-1': 'failed' });
    assert.deepEqual(steps, ['restart-1']);
    assert.equal(
      closed(run),
      'remediation failed: Restart: 0 of 5 hosts done; web1 failed; web2 failed; not touched: web3, web4, web5 (it failed)',
    );
  });

  it('stops at a batch whose outcome nobody knows, whatever may fail', () => {
    const { run, steps } = played(f.rolling({ max: 9 }, { stopAfterFailures: 9 }, undo()), five, {
      'restart-2': 'unknown',
    });
    assert.deepEqual(steps, ['restart-1', 'restart-2']);
    assert.match(
      closed(run),
      /^outcome unknown: Restart: 2 of 5 hosts done; web3 unknown; web4 unknown; not touched: web5/,
    );
  });

  it('rolls nothing back blindly when an unknown batch makes the failures one too many', () => {
    const change = { runbook: f.rolling({}, { stopAfterFailures: 2 }, undo()) };
    const world = f.world({ ci: ok(f.ci({ fields: { u_servers: 'web1 web2 web3 web4' } })) });
    const unknown = f.command('step-result', system('target'), {
      step: 'restart-2',
      result: 'failed',
      detail: '',
      hosts: [
        { host: 'web3', result: 'failed' },
        { host: 'web4', result: 'unknown' },
      ],
    });
    const first = f.command('step-result', system('target'), {
      step: 'restart-1',
      result: 'failed',
      detail: '',
      hosts: [
        { host: 'web1', result: 'failed' },
        { host: 'web2', result: 'succeeded' },
      ],
    });
    const commands = [f.anyOf.propose, f.anyOf.approve, f.anyOf.dispatch, first, unknown];
    assert.match(closed(f.after(commands, { ...change, world })), /^outcome unknown/);
  });

  it('has changed something when a later batch never began', () => {
    const { run } = played(f.rolling(), five, { 'restart-2': 'not-started' });
    assert.match(
      closed(run),
      /^remediation failed: Restart: 2 of 5 hosts done; not touched: web3, web4, web5 \(it not-started\)$/,
    );
    const { run: tolerated } = played(f.rolling({}, { stopAfterFailures: 3 }), five, {
      'restart-1': ['web1', 'web2'],
      'restart-2': 'not-started',
    });
    assert.match(closed(tolerated), /^remediation failed/);
  });

  it('has changed nothing when its first batch never began', () => {
    const { run } = played(f.rolling(), five, { 'restart-1': 'not-started' });
    assert.match(closed(run), /^automation failed: .*nothing was changed$/);
  });

  it('says how far it was when it is cancelled', () => {
    const world = f.world({ ci: ok(f.ci({ fields: { u_servers: five.join(' ') } })) });
    const commands = [
      f.anyOf.propose,
      f.anyOf.approve,
      f.anyOf.dispatch,
      f.result('restart-1', 'succeeded'),
      f.command('cancel', f.olivia, { reason: 'stop it' }),
      f.result('restart-2', 'cancelled'),
    ];
    const run = f.after(commands, { runbook: f.rolling(), world });
    assert.equal(
      closed(run),
      'cancelled: cancelled by olivia: stop it; Restart: 2 of 5 hosts done; web3 stopped; web4 stopped; not touched: web5',
    );
  });

  it('names the hosts that failed when the verification fails as well', () => {
    const { run } = played(f.rolling({}, { stopAfterFailures: 2 }), five, {
      'restart-1': ['web1'],
      answers: 'failed',
    });
    assert.equal(
      closed(run),
      'verification failed: Answers: it failed; Restart: 4 of 5 hosts done; web1 failed: no answer',
    );
  });

  it('shows what failed and how far it is while it runs', () => {
    const world = f.world({ ci: ok(f.ci({ fields: { u_servers: five.join(' ') } })) });
    const commands = [f.anyOf.propose, f.anyOf.approve, f.anyOf.dispatch, f.result('restart-1', 'succeeded')];
    const view = viewOf(f.after(commands, { runbook: f.rolling(), world }));
    assert.deepEqual(view?.pools, [
      {
        step: 'restart',
        title: 'Restart',
        phase: 'remediation',
        hosts: five,
        atOnce: 2,
        stopAfterFailures: 1,
        progress: 'Restart: 2 of 5 hosts done',
      },
    ]);
    assert.deepEqual(
      view?.steps.map(({ id, pool: of, state }) => [id, of, state]),
      [
        ['restart-1', 'restart', 'succeeded'],
        ['restart-2', 'restart', 'running'],
        ['restart-3', 'restart', 'waiting'],
        ['answers', undefined, 'waiting'],
      ],
    );
  });

  it('says of no more than ten hosts what is wrong', () => {
    const { run } = played(f.rolling({}, { maxUnavailable: 12 }), pool(12), { 'restart-1': 'failed' });
    const [all] = poolsOf(run.approval?.plan.steps ?? [], run.steps);
    assert.match(all ? poolInWords(all) : '', /web10 failed; 2 more like that$/);
  });
});

describe('the rollback of a pool', () => {
  it('undoes the batches that were begun, and no other', () => {
    const { run, steps } = played(f.rolling({}, {}, undo()), pool(7), { 'restart-2': ['web3'] });
    assert.deepEqual(steps, ['restart-1', 'restart-2', 'restore-1', 'restore-2']);
    assert.match(closed(run), /^rolled back/);
  });

  it('leaves out what never began', () => {
    const { steps } = played(f.rolling({}, {}, undo()), pool(7), { 'restart-2': 'not-started' });
    assert.deepEqual(steps, ['restart-1', 'restart-2', 'restore-1']);
  });

  it('takes in a batch of which one host was begun', () => {
    const { steps } = played(f.rolling({}, {}, undo({ maxUnavailable: 3 })), pool(7), {
      'restart-2': 'failed',
    });
    assert.deepEqual(steps, ['restart-1', 'restart-2', 'restore-1', 'restore-2']);
  });

  it('undoes everything where the change went through no pool', () => {
    const { runbook, hash } = f.rolling({}, {}, undo());
    const remediation = runbook.steps.remediation.map((one) => ({ ...one, rolling: undefined }));
    const loaded = { runbook: { ...runbook, steps: { ...runbook.steps, remediation } }, hash };
    const { steps } = played(loaded, pool(3), { restart: 'failed' });
    assert.deepEqual(steps, ['restart', 'restore-1', 'restore-2']);
  });

  it('stops like any batch, and has failed then', () => {
    const { run, steps } = played(f.rolling({}, {}, undo()), pool(4), {
      'restart-2': 'failed',
      'restore-1': ['web1'],
    });
    assert.deepEqual(steps, ['restart-1', 'restart-2', 'restore-1']);
    assert.match(
      closed(run),
      /^rollback failed: .*; then Restore: 1 of 4 hosts done; web1 failed: no answer/,
    );
  });

  it('has failed when it went on past a host', () => {
    const { run, steps } = played(f.rolling({}, {}, undo({ stopAfterFailures: 2 })), pool(4), {
      'restart-2': 'failed',
      'restore-1': ['web1'],
    });
    assert.deepEqual(steps, ['restart-1', 'restart-2', 'restore-1', 'restore-2']);
    assert.match(
      closed(run),
      /^rollback failed: .*; then Restore: 3 of 4 hosts done; web1 failed: no answer$/,
    );
  });
});

describe('whatever becomes of the batches', () => {
  const endings = fc.oneof(
    { weight: 4, arbitrary: fc.constant<Ending>('succeeded') },
    { weight: 2, arbitrary: fc.constant<Ending>('failed') },
    { weight: 1, arbitrary: fc.constantFrom<Ending>('unknown', 'not-started') },
    {
      weight: 4,
      arbitrary: fc.array(
        fc.integer({ min: 1, max: 8 }).map((n) => `web${n}`),
        { maxLength: 2 },
      ),
    },
  );

  it('none is done twice, none is skipped, and none begins after the limit', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 4 }),
        fc.array(endings, { minLength: 8, maxLength: 8 }),
        (size, most, limit, ends) => {
          const loaded = f.rolling({ max: 8 }, { maxUnavailable: most, stopAfterFailures: limit });
          const { run, steps } = played(
            loaded,
            pool(size),
            Object.fromEntries(ends.map((one, n) => [`restart-${n + 1}`, one])),
          );
          assert.equal(new Set(steps).size, steps.length);
          const begun = run.steps.filter(({ phase }) => phase === 'remediation');
          assert.deepEqual(
            begun.map(({ id }) => id),
            begun.map((_, n) => `restart-${n + 1}`),
          );
          let failed = 0;
          for (const [n, { hosts = [], result }] of begun.entries()) {
            assert.ok(hosts.length <= most);
            failed += hosts.filter((one) => one.result === 'failed').length;
            const last = n === begun.length - 1;
            if (failed >= limit || result === 'unknown' || result === 'not-started')
              assert.ok(last, 'a batch began after the limit');
          }
          const whole = begun.flatMap(({ hosts = [] }) => hosts.map(({ host }) => host));
          const verified = steps.includes('answers');
          assert.equal(
            verified,
            failed < limit &&
              whole.length === size &&
              !begun.some(({ result }) => result === 'unknown' || result === 'not-started'),
          );
          assert.equal(run.closed?.outcome === 'succeeded', verified && failed === 0);
          assert.equal(nextStep(run).does, 'close');
        },
      ),
      { numRuns: 300 },
    );
  });
});
