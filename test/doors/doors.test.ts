import assert from 'node:assert/strict';
import { system } from '../../src/domain/people.ts';
import { assertGolden } from '../fakes/golden.ts';
import { doors } from './doors.ts';
import type { Rule } from './rule.ts';
import { rules, stageFor } from './rules.ts';
import { losesTheRemediation, settled } from './rules-after-end.ts';
import { openStage, type Stage } from './stage.ts';

/** Told or written down, nothing decided. */
const harmless = ['command-refused', 'guardrails-evaluated', 'card-posted', 'reported'];
const teams = ['card Execute', 'card Submit', 'text command'];
const byPeople = [...teams, 'engine and API'];
/** An event makes a waiting run look again: what would be another plan is asked for anew, as at a vote. */
const looksAgain = [...byPeople, 'ServiceNow event'];
const matrix: Record<string, Record<string, string>> = {};

/** Tries a door and holds that nothing was decided and nothing launched, now or when the engine looks again. */
async function holds(rule: Rule, name: string, stage: Stage): Promise<string> {
  const before = (await stage.entries()).length;
  const launched = stage.launched().length;
  const went = await doors[name]?.(stage, rule.tries);
  const leaves = looksAgain.includes(name) ? (rule.leaves ?? []) : stopsOnly(rule, name);
  if (rule.decided !== true) {
    const reply = await stage.submit(system('engine'), { name: 'dispatch' });
    assert.ok(!reply.ok || !reply.changed, `${name} made it start`);
  }
  const moved = (await stage.entries()).slice(before).map(({ type }) => type);
  assert.deepEqual(
    moved.filter((type) => ![...harmless, ...leaves].includes(type)),
    [],
    `${name} moved the run`,
  );
  assert.equal(stage.launched().length, launched, `${name} launched something`);
  return went ?? '-';
}

/** A part of the system may stop a run: that only makes things safer. */
const stopsOnly = ({ timer }: Rule, name: string): string[] =>
  name === 'timer' && timer === 'accepted' ? ['cancel-requested', 'run-closed'] : [];

describe('doors and rules', function () {
  this.timeout(60_000);

  for (const rule of rules)
    it(`refuse the same way everywhere: ${rule.name}`, async () => {
      const row: Record<string, string> = {};
      let stage: Stage | undefined;
      for (const name of Object.keys(doors)) {
        stage ??= await stageFor(rule);
        row[name] = await holds(rule, name, stage);
        // what a refusal leaves may change what the next door would be told
        if (rule.leaves !== undefined || rule.timer === 'accepted') {
          await stage.close();
          stage = undefined;
        }
      }
      await stage?.close();
      matrix[rule.name] = row;
      const atTeams = rule.atTeams ?? rule.want;
      for (const name of teams) assert.ok([atTeams, '-'].includes(row[name] ?? ''), `${name}: ${row[name]}`);
      assert.ok(
        teams.some((name) => row[name] === atTeams),
        'nobody can try it in Teams',
      );
      assert.equal(row['engine and API'], rule.want);
      assert.equal(row['timer'], rule.timer ?? 'not-a-person');
      assert.equal(row['ServiceNow event'], 'cannot ask');
    });

  it('let through at every door of people what nothing speaks against', async () => {
    const tries = { who: 'arne', ask: 'approve', revision: 1 } as const;
    const row: Record<string, string> = {};
    for (const name of Object.keys(doors)) {
      const stage = await openStage();
      try {
        row[name] = (await doors[name]?.(stage, tries)) ?? '-';
        const types = (await stage.entries()).map(({ type }) => type);
        assert.equal(types.includes('vote-cast'), byPeople.includes(name), name);
        await stage.process.settle(stage.run);
        assert.equal(stage.launched().length > 0, byPeople.includes(name), name);
      } finally {
        await stage.close();
      }
    }
    matrix['nothing speaks against it'] = row;
    for (const name of byPeople) assert.equal(row[name], 'accepted', name);
  });

  for (const [ask, who] of [
    ['settle', 'mia'],
    ['continue', 'olivia'],
  ] as const)
    it(`let through what may be said and done after the end: ${ask}`, async () => {
      const row: Record<string, string> = {};
      for (const name of Object.keys(doors)) {
        const stage = await openStage();
        try {
          await (ask === 'settle' ? losesTheRemediation : settled)(stage);
          row[name] = (await doors[name]?.(stage, { who, ask, reason: 'it has no such job' })) ?? '-';
          const types = (await stage.entries()).map(({ type }) => type);
          const stored = ask === 'settle' ? 'outcome-settled' : 'run-continued';
          assert.equal(types.includes(stored), byPeople.includes(name), name);
        } finally {
          await stage.close();
        }
      }
      matrix[`nothing speaks against ${ask}`] = row;
      for (const name of byPeople) assert.equal(row[name], 'accepted', name);
    });

  it('are as the table says that reviewers read', () => assertGolden('doors', matrix));
});
