import assert from 'node:assert/strict';
import { type Run, stateOf } from '../../src/domain/run.ts';
import * as f from '../fakes/domain.ts';

const two = { runbook: f.runbook({ approval: { group: 'web-approvers', quorum: 2, expires: '30m' } }) };
const asked: Run = f.after(
  [f.command('propose', f.olivia, { incident: 'a'.repeat(32), runbook: 'recycle', reason: '' })],
  two,
);
const votes = (run: Run, id: string, name: string) =>
  f.play(run, f.command('approve', { ...f.person(id), name }, {}), two);
const codeOf = ({ decided }: ReturnType<typeof votes>): string => (decided.ok ? 'ok' : decided.refusal.code);

describe('people are told apart by their Entra id, whatever they are called', () => {
  it('counts two people of the same name twice', () => {
    const { run } = votes(votes(asked, 'arne', 'Kim').run, 'mia', 'Kim');
    assert.equal(stateOf(run), 'approved');
  });

  it('counts one person once, also under another name', () => {
    const { run } = votes(votes(asked, 'arne', 'Arne').run, 'arne', 'Arne (away)');
    assert.equal(stateOf(run), 'awaiting-approval');
    assert.equal(run.approval?.votes.length, 1);
  });

  it('keeps out the requester under another name, and nobody who has the name of the requester', () => {
    assert.equal(codeOf(votes(asked, 'olivia', 'Somebody Else')), 'self-approval');
    assert.equal(codeOf(votes(asked, 'arne', 'olivia')), 'ok');
  });
});
