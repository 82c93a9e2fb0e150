import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  afterFailure,
  type Circuit,
  closed,
  reopened,
  withCircuit,
} from '../../../src/adapters/automation/circuit.ts';
import { AppError } from '../../../src/domain/errors.ts';
import type { Target } from '../../../src/ports.ts';
import { launchOf, refused } from '../../contract/target.ts';

const silence = new AppError({
  code: 'target-unreachable',
  message: 'no answer',
  fix: 'Wait.',
  retryable: true,
});
const refusal = new AppError({ code: 'target-refused', message: '404', fix: 'Correct it.' });
const status = { externalId: '1', state: 'running', detail: '' } as const;
const start = Date.parse('2026-11-22T10:00:00Z');
const limits = { failures: 3, openMs: 30_000 };

/** A target that counts its calls, and answers, or does not. */
function world(has: { health: boolean } = { health: true }) {
  const calls: string[] = [];
  const outside = {
    now: start,
    fault: undefined as Error | undefined,
    health: undefined as string | undefined,
  };
  const call = async <T>(name: string, answer: T): Promise<T> => {
    calls.push(name);
    if (outside.fault) throw outside.fault;
    return answer;
  };
  const inner: Target = {
    name: 'awx',
    idempotent: false,
    launch: () => call('launch', status),
    find: () => call('find', undefined),
    poll: () => call('poll', status),
    cancel: () => call('cancel', undefined),
    log: () => call('log', { text: '', truncated: false }),
    preflight: () => call('preflight', { ok: true }),
    artifacts: () => call('artifacts', []),
    ...(has.health && {
      health: async () => {
        calls.push('health');
        return outside.health === undefined ? { ok: true } : { ok: false, why: outside.health };
      },
    }),
  };
  const target = withCircuit(inner, { now: () => new Date(outside.now) }, limits);
  const failing = async (times: number) => {
    outside.fault = silence;
    for (let n = 0; n < times; n += 1) await target.poll('1').catch(() => undefined);
    outside.fault = undefined;
  };
  return { target, outside, calls, failing };
}

describe('the circuit of a target', () => {
  it('opens after so many failures in a row, and tells since when', () => {
    const states: Circuit[] = [];
    for (const n of [1, 2, 3]) states.push(afterFailure(states.at(-1) ?? closed, start + n, limits));
    assert.deepEqual(
      states.map(({ is }) => is),
      ['closed', 'closed', 'open'],
    );
    assert.deepEqual(states[2], { is: 'open', since: start + 1, until: start + 3 + 30_000 });
  });

  it('never stays closed past its limit, nor opens for longer, whatever the times', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000_000), { minLength: 1, maxLength: 20 }), (gaps) => {
        let now = start;
        let circuit = closed;
        let until: number | undefined;
        gaps.forEach((gap, n) => {
          now += gap;
          circuit = afterFailure(circuit, now, limits);
          assert.equal(circuit.is, n < 2 ? 'closed' : 'open');
          assert.equal(circuit.since, start + (gaps[0] ?? 0));
          if (circuit.is === 'open') until ??= now + 30_000;
          assert.equal(circuit.is === 'open' ? circuit.until : undefined, until);
        });
      }),
    );
  });

  it('keeps the beginning of the silence when the target is still down', () => {
    assert.deepEqual(reopened(start, start + 50, limits), {
      is: 'open',
      since: start,
      until: start + 30_050,
    });
  });
});

describe('a target with a circuit', () => {
  it('refuses launches and preflights at once while it is open, and says since when', async () => {
    const { target, calls, failing } = world();
    await failing(3);
    const before = calls.length;
    for (const call of [() => target.launch(launchOf('j')), () => target.preflight?.(launchOf('j'))]) {
      const error = await refused(Promise.resolve(call()), 'target-unreachable');
      assert.match(error.message, /^target awx has not answered since 2026-11-22T10:00:00.000Z$/);
      assert.equal(error.maybeApplied, false);
    }
    assert.equal(calls.length, before);
  });

  it('never stands between us and what is running', async () => {
    const { target, calls, failing } = world();
    for (const name of ['find', 'poll', 'cancel', 'log', 'artifacts'] as const) {
      await failing(3);
      calls.length = 0;
      await target[name]?.('1');
      assert.deepEqual(calls, [name]);
    }
  });

  it('launches again after any answer, a refusal included', async () => {
    for (const answer of [undefined, refusal]) {
      const { target, outside, failing } = world();
      await failing(3);
      outside.fault = answer;
      await target.poll('1').catch(() => undefined);
      outside.fault = undefined;
      assert.equal((await target.launch(launchOf('j'))).externalId, '1');
    }
  });

  it('counts only failures in a row, and only those to reach it', async () => {
    const { target, outside, failing } = world();
    await failing(2);
    await target.poll('1');
    await failing(2);
    outside.fault = new AppError({ code: 'config-invalid', message: 'no secret', fix: 'Set it.' });
    await assert.rejects(target.launch(launchOf('j')), /no secret/);
    outside.fault = undefined;
    assert.equal((await target.launch(launchOf('j'))).externalId, '1');
  });

  it('asks once how the target is when the time is over, and lets all who wait for that through', async () => {
    const { target, outside, calls, failing } = world();
    await failing(3);
    outside.now += 30_000;
    calls.length = 0;
    await Promise.all([1, 2, 3].map(() => target.preflight?.(launchOf('j'))));
    assert.deepEqual(calls, ['health', 'preflight', 'preflight', 'preflight']);
  });

  it('stays open as long as the target is not well, and asks anew only after a while', async () => {
    const { target, outside, calls, failing } = world();
    await failing(3);
    outside.health = 'no capacity';
    outside.now += 30_000;
    calls.length = 0;
    for (let n = 0; n < 2; n += 1) {
      const error = await refused(target.launch(launchOf('j')), 'target-unreachable');
      assert.match(error.message, n === 0 ? /since 2026-11-22T10:00:00.000Z: no capacity$/ : /000Z$/);
    }
    assert.deepEqual(calls, ['health']);
  });

  it('looks for an execution of nobody where the target has no health to ask for', async () => {
    const { target, outside, calls, failing } = world({ health: false });
    await failing(3);
    outside.now += 30_000;
    outside.fault = silence;
    calls.length = 0;
    await refused(target.launch(launchOf('j')), 'target-unreachable');
    outside.fault = undefined;
    outside.now += 30_000;
    await target.launch(launchOf('j'));
    assert.deepEqual(calls, ['find', 'find', 'launch']);
  });
});
