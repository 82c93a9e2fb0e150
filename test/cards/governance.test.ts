import assert from 'node:assert/strict';
import { runCard } from '../../cards/run-card.ts';
import type { GuardrailLine } from '../../src/domain/guardrail-line.ts';
import { views } from './views.ts';

const textOf = (card: object) => JSON.stringify(card).replaceAll('\u2060', '');

describe('the governance of a run, on its card', () => {
  it('counts the quorum for each group, and says whom it waits for', () => {
    const text = textOf(runCard(views['approval-quorum']));
    for (const words of [
      '"1 of 2: Arne Approver"',
      '"0 of 2 (only 2 can vote)"',
      'Waits for 1 more of web-approvers and 2 more of service-owners, not Olivia Oncall who asked.',
      ' · risk high',
      '**Next reminder:** Sun 22 Nov, 02:25 UTC ({{TIME(2026-11-22T02:25:00Z)}} your time)',
      '**Then asks duty-managers as well:** Sun 22 Nov, 02:30 UTC',
    ])
      assert.ok(text.includes(words), words);
    const { approval } = views['approval-quorum'];
    const [web, owners] = approval.requirements;
    assert.ok(web && owners);
    const requirements = [{ ...web, by: ['Arne Approver', 'Mia Manager'] }, owners];
    const later = textOf(runCard({ ...views['approval-quorum'], approval: { ...approval, requirements } }));
    assert.ok(later.includes('"2 of 2: Arne Approver, Mia Manager"'));
    assert.ok(later.includes('Waits for 2 more of service-owners, not Olivia Oncall who asked.'));
    assert.ok(textOf(runCard(views['approval-alone'])).includes('Waits for a second person'));
  });

  it('says when an approved run would start, and when what is closed opens, where the reader is', () => {
    const moment =
      'Sun 22 Nov, 22:00 UTC ({{DATE(2026-11-22T22:00:00Z, SHORT)}} {{TIME(2026-11-22T22:00:00Z)}} your time)';
    const text = textOf(runCard(views['approval-scheduled']));
    assert.ok(text.includes(`**Approving starts it at** ${moment}`));
    assert.ok(text.includes(`**Opens next (change window):** ${moment}`));
    assert.ok(text.includes('duty-managers is asked as well'));
    assert.ok(
      textOf(runCard(views.approval)).includes(
        '**Approving starts it** as soon as everybody needed has agreed.',
      ),
    );
    assert.ok(textOf(runCard(views['progress-scheduled'])).includes(`**Starts at** ${moment}`));
    const begun = { ...views['progress-scheduled'], steps: views.progress.steps };
    assert.ok(!textOf(runCard(begun)).includes('**Starts at**'));
  });

  it('tells a no from one that passes and from one for want of knowing', () => {
    const no = { guardrail: 'x', effect: 'deny' as const, reason: 'y' };
    const words = (line: GuardrailLine) =>
      ['Stop', 'Not now', 'Unknown'].filter((word) =>
        textOf(runCard({ ...views.approval, guardrails: [line] })).includes(`"${word}"`),
      );
    assert.deepEqual(words(no), ['Stop']);
    assert.deepEqual(words({ ...no, until: '2026-11-22T22:00:00.000Z' }), ['Not now']);
    assert.deepEqual(words({ ...no, passing: true }), ['Not now']);
    assert.deepEqual(words({ ...no, unknown: true }), ['Unknown']);
    assert.deepEqual(words({ ...no, effect: 'allow', until: '2026-11-22T22:00:00.000Z' }), []);
  });

  it('shows no moment where a text only looks like one', () => {
    const until = 'soon {{TIME(2026-11-22T22:00:00Z)}}';
    const guardrails = [{ guardrail: 'change window', effect: 'deny' as const, reason: 'closed', until }];
    const text = textOf(runCard({ ...views.approval, guardrails }));
    assert.ok(!text.includes('Opens next'));
  });

  it('says on every open card that everything is stopped', () => {
    const halted = { by: 'Ada Admin', reason: 'the storage network is being repaired' };
    for (const name of ['proposal', 'approval', 'rollback', 'progress'] as const) {
      const text = textOf(runCard({ ...views[name], halted }));
      assert.ok(text.includes('Everything is stopped by Ada Admin'), name);
      assert.ok(text.includes('the storage network is being repaired'), name);
      assert.ok(!textOf(runCard(views[name])).includes('Everything is stopped'), name);
    }
  });

  it('shows a broken glass loudly: who, why, past what, and how far its review is', () => {
    const shown = (review: 'open' | 'overdue' | 'justified' | 'not justified') => {
      const { approval } = views['outcome-glass'];
      assert.ok(approval.glass);
      return textOf(
        runCard({
          ...views['outcome-glass'],
          approval: { ...approval, glass: { ...approval.glass, review } },
        }),
      );
    };
    const open = shown('open');
    for (const words of [
      'Break-glass: Ingrid Incident decided alone',
      'Why: payments are down in two countries',
      'Went past: change window, cooldown.',
      'type: review 7K2QD justified (or unjustified)',
      '**Review due:** Mon 23 Nov, 02:16 UTC',
      '"Approved by: "',
      '"Ingrid Incident alone"',
    ])
      assert.ok(open.includes(words), words);
    assert.ok(shown('overdue').includes('is overdue'));
    assert.ok(shown('justified').includes('"Reviewed: justified."'));
    assert.ok(shown('not justified').includes('"Reviewed: not justified."'));
    assert.ok(!shown('justified').includes('Review due'));
  });

  it('asks for a rollback with what failed, what would be done, and who decides', () => {
    const text = textOf(runCard(views.rollback));
    for (const words of [
      'It failed. Roll it back?',
      '"Failed"',
      'w3wp.exe did not start again (exit code 3)',
      '1. Start the pool as it was (iis-pool-start on ops-api)',
      '"service-owners"',
      'If nobody decides, it is not rolled back',
      'approve 7K2QD 2',
    ])
      assert.ok(text.includes(words), words);
  });

  it('says whose approval of the rollback it was', () => {
    const { approval } = views.rollback;
    const undone = { ...approval, approvers: ['Sofia Owner'] };
    const text = textOf(runCard({ ...views['outcome-failed'], approval: undone }));
    assert.ok(text.includes('"Rollback approved by: "') && text.includes('"Sofia Owner"'));
  });

  it('says of an idea of a machine that it is one', () => {
    const text = textOf(runCard(views['approval-quorum']));
    assert.ok(text.includes('Suggested by triage-7b (87 %), a machine'));
    assert.ok(text.includes('It decides nothing'));
  });
});
