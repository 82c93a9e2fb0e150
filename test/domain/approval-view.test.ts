import assert from 'node:assert/strict';
import { approvalView } from '../../src/domain/approval-view.ts';
import type { Command } from '../../src/domain/commands.ts';
import type { Facts } from '../../src/domain/decision.ts';
import type { Run } from '../../src/domain/run.ts';
import type { ApprovalView } from '../../src/domain/view.ts';
import * as f from '../fakes/domain.ts';

const ok = <T>(value: T) => ({ ok: true, value }) as const;
const at = (n: number): string => f.minutes(n).toISOString();
const view = (run: Run): ApprovalView => approvalView(run, run.approval ?? assert.fail());
const under = (approval: Record<string, unknown>): Partial<Facts> => ({
  runbook: f.runbook({ approval: { group: 'web-approvers', expires: '30m', ...approval } }),
});
const play = (run: Run, command: Command, facts: Partial<Facts>): Run => f.play(run, command, facts).run;

describe('an approval as people see it', () => {
  it('says who is asked and until when', () =>
    assert.deepEqual(view(f.after([f.anyOf.propose])), {
      phase: 'run',
      tier: '',
      expiresAt: at(30),
      requirements: [{ group: 'web-approvers', needed: 1, of: 3, by: [] }],
      group: 'web-approvers',
      needed: 1,
      approvers: [],
      lacksSecondPerson: false,
    }));

  it('adds up what several groups are asked for', () => {
    const policy = f.policy({
      tiers: [{ name: 'high', approvers: [{ group: 'web-operations', quorum: 2 }] }],
    });
    const { group, needed, tier } = view(f.after([f.anyOf.propose], { policy }));
    assert.deepEqual([group, needed, tier], ['web-approvers and web-operations', 3, 'high']);
  });

  it('shows who has approved, and for whom somebody stands in', () => {
    const two = under({ quorum: 2 });
    const asked = f.after([f.anyOf.propose], two);
    const standIns = ok([{ from: f.mia, groups: ['web-approvers'] }]);
    const instead = play(asked, f.command('approve', f.person('wilma'), {}), { ...two, standIns });
    const both = view(play(instead, f.anyOf.approve, two));
    assert.deepEqual([...(both.requirements[0]?.by ?? [])].sort(), ['arne', 'wilma (for mia)']);
    assert.deepEqual(both.approvers, ['wilma (for mia)', 'arne']);
  });

  it('says that it takes one more person only when nothing else is missing', () => {
    const eyes = under({ fourEyes: true });
    const asked = f.after([f.anyOf.propose], eyes);
    assert.equal(view(asked).lacksSecondPerson, false);
    assert.equal(view(play(asked, f.anyOf.approve, eyes)).lacksSecondPerson, true);
    const byOlivia = f.after([{ ...f.anyOf.propose, by: f.olivia } as Command], eyes);
    assert.equal(view(play(byOlivia, f.anyOf.approve, eyes)).lacksSecondPerson, false);
  });

  it('names the rule where no people are asked', () => {
    const world = f.world({ ci: ok(f.ci({ environment: 'test' })) });
    const run = f.after([f.anyOf.propose], { policy: f.policy(f.autoApprove), world });
    const { group, needed, rule, requirements } = view(run);
    assert.deepEqual([group, needed, rule, requirements], ['low risk', 0, 'low risk', []]);
  });
});

describe('the clocks of an approval', () => {
  it('say when it reminds, until the last one before the end', () => {
    const facts = under({ remind: '15m' });
    const asked = f.after([f.anyOf.propose], facts);
    assert.equal(view(asked).remindAt, at(15));
    const reminded = play(asked, f.anyOf.remind, { ...facts, now: f.minutes(15) });
    assert.equal('remindAt' in view(reminded), false, 'the next would be the end');
    const often = f.after([f.anyOf.propose], under({ remind: '14m' }));
    const once = play(often, f.anyOf.remind, { ...under({ remind: '14m' }), now: f.minutes(14) });
    assert.equal(view(once).remindAt, at(28));
  });

  it('say when and to whom it escalates, or to whom it has', () => {
    const facts = under({ escalate: { after: '10m', to: 'web-operations' } });
    const asked = f.after([f.anyOf.propose], facts);
    const clocks = ({ escalatesAt, escalateTo, escalated }: ApprovalView) => [
      escalatesAt,
      escalateTo,
      escalated,
    ];
    assert.deepEqual(clocks(view(asked)), [at(10), 'web-operations', undefined]);
    const escalated = view(play(asked, f.anyOf.escalate, { ...facts, now: f.minutes(10) }));
    assert.deepEqual(clocks(escalated), [undefined, 'web-operations', 'web-operations']);
    assert.equal('escalatesAt' in escalated, false);
  });

  it('say when it starts at the earliest', () => {
    const policy = f.policy({
      scheduleWithin: '12h',
      freezes: [{ name: 'n', environments: ['production'], from: at(-1), to: at(60) }],
    });
    assert.equal(view(f.after([f.anyOf.propose], { policy })).notBefore, at(60));
  });
});

describe('a broken glass as people see it', () => {
  const facts = {
    policy: f.policy({
      breakGlass: {
        groups: ['web-approvers'],
        overrides: ['cooldown'],
        review: { group: 'web-operations', within: '1h' },
      },
    }),
    world: f.world({ history: f.ranAt(f.minutes(-5)) }),
  };
  const asked = f.after([f.anyOf.propose], { policy: facts.policy });
  const broken = play(asked, f.anyOf['break-glass'], facts);
  const reviewOf = (run: Run) => view(run).glass?.review;

  it('says who decided alone, why, past what, and who has to review it until when', () =>
    assert.deepEqual(view(broken).glass, {
      by: 'arne',
      reason: 'the shop is down',
      overridden: ['cooldown'],
      reviewGroup: 'web-operations',
      reviewBy: at(60),
      review: 'open',
    }));

  it('says how the review stands', () => {
    const late = play(broken, f.anyOf.remind, { now: f.minutes(60) });
    assert.equal(reviewOf(late), 'overdue');
    for (const verdict of ['justified', 'not justified'] as const)
      for (const run of [broken, late])
        assert.equal(
          reviewOf(play(run, f.command('review', f.olivia, { verdict, note: 'x' }), facts)),
          verdict,
        );
  });

  it('is not there where none was broken', () => assert.equal('glass' in view(asked), false));
});
