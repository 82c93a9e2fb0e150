import assert from 'node:assert/strict';
import type { Command } from '../../src/domain/commands.ts';
import type { Facts } from '../../src/domain/decision.ts';
import { system } from '../../src/domain/people.ts';
import { recordLines } from '../../src/domain/record.ts';
import { isSettled, reportsDue } from '../../src/domain/reports.ts';
import { awaitsWord, type Run } from '../../src/domain/run.ts';
import * as f from '../fakes/domain.ts';

const unknown: readonly Command[] = [...f.remediating, f.result('recycle-pool', 'unknown')];
const word = (by: Command['by'], more: object = {}): Command =>
  f.command('settle', by, { word: 'did-not-run', reason: 'its log says so', ...more });
const codeOf = (run: Run, command: Command, facts: Partial<Facts> = {}): string => {
  const { decided } = f.play(run, command, facts);
  return decided.ok ? f.types(decided) : decided.refusal.code;
};
const fourEyes = { runbook: f.runbook({ approval: { group: 'web-approvers', fourEyes: true } }) };
const ownRule = { runbook: f.runbook({ unknownOutcome: { fourEyes: true } }) };
const byOlivia = [
  f.command('propose', f.olivia, { incident: 'a'.repeat(32), runbook: 'recycle', reason: 'asked' }),
];
const asked = [...byOlivia, ...unknown.slice(1)];
const lead = f.person('lead');

const cases: {
  name: string;
  commands?: readonly Command[];
  command: Command;
  facts?: Partial<Facts>;
  /** Only when it is said. */
  late?: Partial<Facts>;
  want: string;
}[] = [
  { name: 'an approver may', command: word(f.mia), want: 'outcome-settled' },
  {
    name: 'who approved it may, when nobody wants four eyes',
    command: word(f.arne),
    want: 'outcome-settled',
  },
  { name: 'the owners of the runbook may', command: word(f.olivia), want: 'outcome-settled' },
  {
    name: 'the resolver group may, where the policy knows it',
    command: word(lead),
    late: { actorGroups: { ok: true, value: ['L3'] } },
    want: 'outcome-settled',
  },
  { name: 'somebody else may not', command: word(f.stranger), want: 'command-refused' },
  { name: 'an administrator may not', command: word(f.ada), want: 'command-refused' },
  { name: 'a part of the system never may', command: word(system('timer')), want: 'not-a-person' },
  {
    name: 'somebody of another tenant may not',
    command: word(f.person('mia', 'other')),
    want: 'wrong-tenant',
  },
  {
    name: 'an unknown membership is no membership',
    command: word(f.mia),
    late: { actorGroups: { ok: false, why: 'the directory did not answer' } },
    want: 'membership-unknown',
  },
  { name: 'a reason is needed', command: word(f.mia, { reason: ' ' }), want: 'reason-needed' },
  {
    name: 'who approved it may not, where the approval wants four eyes',
    commands: asked,
    facts: fourEyes,
    command: word(f.arne),
    want: 'command-refused',
  },
  {
    name: 'who asked for it may not either',
    commands: asked,
    facts: fourEyes,
    command: word(f.olivia),
    want: 'command-refused',
  },
  {
    name: 'a third person may',
    commands: asked,
    facts: fourEyes,
    command: word(f.mia),
    want: 'outcome-settled',
  },
  {
    name: 'who approved it may not, where the runbook wants four eyes for this',
    facts: ownRule,
    command: word(f.arne),
    want: 'command-refused',
  },
  {
    name: 'it is said of an unknown outcome only',
    commands: f.succeeded,
    command: word(f.mia),
    want: 'no-unknown',
  },
  { name: 'it is said after the end', commands: f.remediating, command: word(f.mia), want: 'no-unknown' },
  {
    name: 'it is said once',
    commands: [...unknown, word(f.arne)],
    command: word(f.mia),
    want: 'already-settled',
  },
  {
    name: 'saying it again is no error',
    commands: [...unknown, word(f.mia)],
    command: word(f.mia),
    want: 'nothing',
  },
  {
    name: 'saying something else is',
    commands: [...unknown, word(f.mia)],
    command: word(f.mia, { word: 'ran' }),
    want: 'already-settled',
  },
];

describe("a person's word on an unknown outcome", () => {
  for (const { name, commands = unknown, command, facts, late, want } of cases)
    it(name, () => {
      const said = codeOf(f.after(commands, facts), command, { ...facts, ...late });
      assert.equal(said === 'not-settler' || said === 'self-settlement' ? 'command-refused' : said, want);
    });

  it('tells the approver apart from the stranger', () => {
    assert.equal(codeOf(f.after(unknown), word(f.stranger)), 'not-settler');
    assert.equal(codeOf(f.after(asked, fourEyes), word(f.arne), fourEyes), 'self-settlement');
  });

  it('is asked for until it is given, and told the ticket and the card', () => {
    const open = f.after(unknown);
    assert.ok(awaitsWord(open));
    const told = reportsDue(open).reduce(
      (run, { key }) => f.play(run, f.command('reported', system('engine'), { key, note: '' })).run,
      open,
    );
    assert.equal(isSettled(told), false);
    const { run } = f.play(told, word(f.mia));
    assert.equal(awaitsWord(run), false);
    assert.deepEqual(
      reportsDue(run).map(({ key }) => key),
      ['ticket:settled', 'card:settled'],
    );
    const [ticket] = reportsDue(run);
    assert.ok(ticket?.to === 'ticket');
    assert.match(ticket.note.workNote, /mia says of step recycle-pool that it did not run\. its log says so/);
    assert.match(ticket.note.workNote, /continue K2QDM/);
  });

  it('leaves the end as it was, and stands in the record with who said it', () => {
    const { run } = f.play(f.after(unknown), word(f.mia));
    assert.equal(run.closed?.outcome, 'outcome unknown');
    assert.match(
      recordLines(run.entries).at(-1) ?? '',
      /outcome-settled +mia: recycle-pool: did-not-run, its log says so/,
    );
  });
});
