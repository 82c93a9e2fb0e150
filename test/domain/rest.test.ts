import assert from 'node:assert/strict';
import type { Command } from '../../src/domain/commands.ts';
import {
  diagnosed,
  endOf,
  goesOn,
  long,
  nextOf,
  ran,
  rejected,
  settled,
  stepsOf,
} from '../fakes/continued.ts';
import * as f from '../fakes/domain.ts';

const rests: { name: string; commands: Command[]; end: string; rest: string[] | 'none' }[] = [
  {
    name: 'diagnostics failed: that step, and all after it',
    commands: ran(['look', 'failed'], ['snapshot', 'failed']),
    end: 'automation failed',
    rest: ['snapshot', 'drain', 'recycle-pool', 'answers', 'fast', 'restore'],
  },
  {
    name: 'the target never began: that step, and all after it',
    commands: ran(...diagnosed, ['drain', 'not-started']),
    end: 'automation failed',
    rest: ['drain', 'recycle-pool', 'answers', 'fast', 'restore'],
  },
  {
    name: 'a remediation failed and its rollback was rejected: what is done is not done again',
    commands: [
      ...ran(...diagnosed, ['drain', 'succeeded'], ['recycle-pool', 'failed']),
      f.anyOf.advance,
      rejected,
    ],
    end: 'remediation failed',
    rest: ['recycle-pool', 'answers', 'fast', 'restore'],
  },
  {
    name: 'a verification failed: everything is verified, and can be undone',
    commands: [
      ...ran(
        ...diagnosed,
        ['drain', 'succeeded'],
        ['recycle-pool', 'succeeded'],
        ['answers', 'succeeded'],
        ['fast', 'failed'],
      ),
      f.anyOf.advance,
      rejected,
    ],
    end: 'verification failed',
    rest: ['answers', 'fast', 'restore'],
  },
  {
    name: 'nobody knows: nothing, before somebody says something',
    commands: ran(...diagnosed, ['drain', 'unknown']),
    end: 'outcome unknown',
    rest: 'none',
  },
  {
    name: 'it ran: what comes after it',
    commands: [...ran(...diagnosed, ['drain', 'unknown']), settled('ran')],
    end: 'outcome unknown',
    rest: ['recycle-pool', 'answers', 'fast', 'restore'],
  },
  {
    name: 'the last one ran: it is verified',
    commands: [...ran(...diagnosed, ['drain', 'succeeded'], ['recycle-pool', 'unknown']), settled('ran')],
    end: 'outcome unknown',
    rest: ['answers', 'fast', 'restore'],
  },
  {
    name: 'it did not run: that step again',
    commands: [...ran(...diagnosed, ['drain', 'unknown']), settled('did-not-run')],
    end: 'outcome unknown',
    rest: ['drain', 'recycle-pool', 'answers', 'fast', 'restore'],
  },
  {
    name: 'nobody can tell: nothing',
    commands: [...ran(...diagnosed, ['drain', 'unknown']), settled('cancel')],
    end: 'outcome unknown',
    rest: 'none',
  },
  {
    name: 'rolled back: nothing',
    commands: [
      ...ran(...diagnosed, ['drain', 'failed']),
      f.anyOf.advance,
      f.command('approve', f.mia, { revision: 2 }),
      f.anyOf.advance,
      f.result('restore', 'succeeded'),
    ],
    end: 'rolled back',
    rest: 'none',
  },
  {
    name: 'half rolled back: nothing',
    commands: [
      ...ran(...diagnosed, ['drain', 'failed']),
      f.anyOf.advance,
      f.command('approve', f.mia, { revision: 2 }),
      f.anyOf.advance,
      f.result('restore', 'failed'),
    ],
    end: 'rollback failed',
    rest: 'none',
  },
  {
    name: 'cancelled: nothing',
    commands: [...ran(...diagnosed), f.anyOf.cancel, f.result('drain', 'cancelled')],
    end: 'cancelled',
    rest: 'none',
  },
  { name: 'rejected: nothing', commands: [f.anyOf.propose, f.anyOf.reject], end: 'rejected', rest: 'none' },
  { name: 'under way: nothing', commands: ran(), end: 'diagnosing', rest: 'none' },
];

describe('what is left of a run that has ended', () => {
  for (const { name, commands, end, rest } of rests)
    it(name, () => {
      const first = f.after(commands, long);
      assert.equal(endOf(first), end);
      const { run, decided } = f.play(first, goesOn(), long);
      if (rest === 'none') return assert.equal(!decided.ok && decided.refusal.code, 'not-continuable');
      assert.equal(f.types(decided), 'run-continued');
      assert.deepEqual(stepsOf(nextOf(run, long).next), rest);
    });
});
