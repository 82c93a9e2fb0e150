import assert from 'node:assert/strict';
import { type Command, type RefusalCode, refusals } from '../../src/domain/commands.ts';
import type { Facts } from '../../src/domain/decision.ts';
import { nextActionFor } from '../../src/domain/next-action.ts';
import { newRun, type Run } from '../../src/domain/run.ts';
import * as f from '../fakes/domain.ts';
import { assertGolden } from '../fakes/golden.ts';

const ok = <T>(value: T) => ({ ok: true, value }) as const;
const codes = Object.keys(refusals) as RefusalCode[];
const play = (run: Run, command: Command, facts: Partial<Facts>): Run => f.play(run, command, facts).run;

const moved = { world: f.world({ ci: ok(f.ci({ fields: { u_app_pool: 'checkout' } })) }) };
const glass = {
  policy: f.policy({ breakGlass: { groups: ['web-approvers'], review: { group: 'web-operations' } } }),
};
const rule = {
  policy: f.policy(f.autoApprove),
  world: f.world({ ci: ok(f.ci({ environment: 'test' })) }),
};
const two = {
  runbook: f.runbook({ approval: { group: 'web-approvers', quorum: 2 } }),
  policy: f.policy({ tiers: [{ name: 'high', approvers: [{ group: 'web-operations' }] }] }),
};
const undo = {
  runbook: f.runbook({
    approval: { group: 'web-approvers' },
    rollback: { ...f.rollbackSteps, approval: { approvers: [{ group: 'web-operations' }] } },
  }),
};
const asked = f.after([f.anyOf.propose]);
const first = f.after([f.anyOf.propose], {
  runbook: f.runbook({ approval: { group: 'web-approvers', quorum: 2 } }),
});

/** A run in each situation that changes what somebody can do. */
const situations: Readonly<Record<string, Run>> = {
  'waits for approval': asked,
  'is new': newRun(f.RUN),
  'is asked for a second time': play(asked, f.anyOf.approve, moved),
  'is asked of two groups': f.after([f.anyOf.propose], two),
  'is approved': f.after(f.approved),
  'is approved by two': [f.anyOf.approve, f.command('approve', f.mia, {})].reduce(
    (run, command) =>
      play(run, command, { runbook: f.runbook({ approval: { group: 'web-approvers', quorum: 2 } }) }),
    first,
  ),
  'is approved the second time': play(
    play(asked, f.anyOf.approve, moved),
    f.command('approve', f.arne, { revision: 2 }),
    moved,
  ),
  'is approved by a rule': f.after([f.anyOf.propose], rule),
  'is approved by a broken glass': f.after([f.anyOf.propose, f.anyOf['break-glass']], glass),
  'waits for the approval of its rollback': f.after(
    [...f.remediating, f.result('recycle-pool', 'failed')],
    undo,
  ),
  'is rolled back': play(
    f.after([...f.remediating, f.result('recycle-pool', 'failed')], undo),
    f.command('approve', f.olivia, { revision: 2 }),
    undo,
  ),
  'has ended': f.after([f.anyOf.propose, f.anyOf.reject]),
};

describe('what a person who was refused can do now', () => {
  it('is as the golden table says: for a run that waits for approval, and what is other for others', () => {
    const all = (run: Run) => codes.map((code) => [code, nextActionFor(run, code)] as const);
    const usual = Object.fromEntries(all(asked));
    const table = Object.entries(situations).map(([name, run]) => [
      name,
      Object.fromEntries(all(run).filter(([code, text]) => run === asked || text !== usual[code])),
    ]);
    assertGolden('next-actions', Object.fromEntries(table));
  });

  it('is a sentence for every code', () => {
    for (const code of codes) assert.match(nextActionFor(asked, code), /^[A-Z].*\.$/, code);
  });
});
