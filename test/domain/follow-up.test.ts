import assert from 'node:assert/strict';
import type { Command } from '../../src/domain/commands.ts';
import { mayFollow } from '../../src/domain/follow-up.ts';
import { system } from '../../src/domain/people.ts';
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
  ] as const)
    it(name, () => assert.equal(follows(commands, ci), want));

  it('knows nothing of a run that is not there', () =>
    assert.equal(mayFollow(f.after([]), runbook, f.incident(), f.ci()), false));
});
