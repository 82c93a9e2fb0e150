import assert from 'node:assert/strict';
import type { Command } from '../../src/domain/commands.ts';
import { mayFollow } from '../../src/domain/follow-up.ts';
import { system } from '../../src/domain/people.ts';
import { newRun } from '../../src/domain/run.ts';
import { closing } from '../../src/domain/steps.ts';
import * as f from '../fakes/domain.ts';

const taken = f.command('withdraw', system('servicenow'), { reason: 'INC0010023 is resolved' });

describe('proposing by events what was proposed before', () => {
  const { runbook } = f.runbook();
  const follows = (commands: readonly Command[], ci = f.ci()) =>
    mayFollow(f.after([...commands]), runbook, f.incident(), ci);
  const other = f.ci({ fields: { u_app_pool: 'checkout' } });

  for (const [name, commands, ci, want] of [
    ['a run that has not ended stays the one there is', [f.anyOf.propose], other, false],
    ['what the incident took back comes back with it', [f.anyOf.propose, taken], undefined, true],
    ['what a person took back does not', [f.anyOf.propose, f.anyOf.withdraw], undefined, false],
    ['what people rejected does not', [f.anyOf.propose, f.anyOf.reject], undefined, false],
    [
      'what people rejected does, on another item',
      [f.anyOf.propose, f.anyOf.reject],
      f.ci({ sysId: 'd'.repeat(32) }),
      true,
    ],
    ['what people rejected does, with another value', [f.anyOf.propose, f.anyOf.reject], other, true],
    ['what was done does not', f.succeeded, undefined, false],
    [
      'what the incident took back comes back with it, whoever was told since',
      [f.anyOf.propose, taken, f.anyOf.reported],
      undefined,
      true,
    ],
    [
      'what a person took back does not, whatever their name',
      [f.anyOf.propose, f.command('withdraw', { ...f.olivia, name: 'servicenow' }, { reason: 'no' })],
      undefined,
      false,
    ],
  ] as const)
    it(name, () => assert.equal(follows(commands, ci), want));

  it('leaves what another part of the system took back, and what the guardrails denied it', () => {
    const byUs = f.store(f.after([f.anyOf.propose]), f.anyOf.advance, [closing('withdrawn', 'because')]);
    const denied = f.after([f.anyOf.propose], { world: f.world({ history: f.ranAt(f.minutes(-5)) }) });
    assert.equal(denied.closed?.outcome, 'denied');
    for (const run of [byUs, denied]) assert.equal(mayFollow(run, runbook, f.incident(), f.ci()), false);
  });

  it('takes one other value for another plan, and a value nobody asked for then for none', () => {
    const site = (more: Record<string, unknown> = {}) =>
      f.runbook({
        parameters: {
          pool: { type: 'string', title: 'Pool', from: ['ci.u_app_pool'] },
          site: { type: 'string', title: 'Site', from: ['incident.u_site'] },
          ...more,
        },
      });
    const loaded = site();
    const known = f.world({ incident: { ok: true, value: f.incident({ fields: { u_site: 'a' } }) } });
    const last = f.after([f.anyOf.propose, f.anyOf.reject], { runbook: loaded, world: known });
    const now = (u_site: string, of = loaded) =>
      mayFollow(last, of.runbook, f.incident({ fields: { u_site } }), f.ci());
    assert.deepEqual([now('a'), now('b')], [false, true]);
    assert.equal(now('a', site({ zone: { type: 'string', title: 'Zone', from: ['ci.name'] } })), false);
  });

  it('knows nothing of a run that is not there, or that was never proposed', () => {
    const ended = f.store(newRun(f.RUN), taken, [closing('withdrawn', 'because')]);
    for (const run of [newRun(f.RUN), ended])
      assert.equal(mayFollow(run, runbook, f.incident(), f.ci()), false);
  });
});
