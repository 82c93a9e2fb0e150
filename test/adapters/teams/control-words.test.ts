import assert from 'node:assert/strict';
import { CONTROL } from '../../../src/domain/control.ts';
import { berta, refusal, runId, view } from '../../fakes/desk.ts';
import { type FakeTeams, fakeTeams, olivia, tenant, typed } from '../../fakes/teams.ts';

const personal = 'a:personal-olivia';

describe('words about every run', () => {
  let teams: FakeTeams;
  beforeEach(async () => {
    teams = await fakeTeams();
  });
  afterEach(() => teams.close());

  const say = async (text: string): Promise<string> => {
    await teams.post(typed(text, olivia, personal));
    return String(teams.said().at(-1)?.['text']);
  };
  const asked = () => teams.desk.submitted.at(-1);
  const olga = { kind: 'person' as const, id: 'entra-olivia', name: 'Olivia Oncall', tenant };
  const origin = { conversation: personal, activity: 'in-1' };

  it('stop everything, and say what that does not stop', async () => {
    assert.match(await say('/runbook stop the network is down'), /^Everything is stopped: .*not interrupted/);
    assert.deepEqual(asked(), {
      runId: CONTROL,
      command: { name: 'stop', by: olga, origin, reason: 'the network is down' },
    });
  });

  it('that stop what is stopped say by whom it was', async () => {
    teams.desk.answer = async () => ({ ok: true, changed: false });
    teams.desk.standing = { delegations: [], stopped: { by: berta, reason: 'storage', at: '' } };
    assert.equal(await say('stop again'), 'Everything was stopped already by Berta Backup: storage.');
  });

  it('resume, with or without a reason', async () => {
    assert.match(await say('resume'), /^Resumed\./);
    assert.deepEqual(asked()?.command, { name: 'resume', by: olga, origin, reason: '' });
    await say('resume repaired');
    assert.deepEqual(asked()?.command, { name: 'resume', by: olga, origin, reason: 'repaired' });
  });

  it('let somebody the directory knows vote for a while, and end that', async () => {
    const said = await say('delegate berta@contoso.example until 2026-12-01 on leave');
    assert.match(said, /^Berta Backup may vote for you until 2026-12-01T23:59:59\.000Z/);
    const until = '2026-12-01T23:59:59.000Z';
    assert.deepEqual(asked(), {
      runId: CONTROL,
      command: { name: 'delegate', by: olga, origin, to: berta, until, reason: 'on leave' },
    });
    assert.equal(await say('delegate end'), 'Nobody votes for you any more.');
    assert.deepEqual(asked()?.command, { name: 'end-delegation', by: olga, origin });
    teams.desk.answer = async () => ({ ok: true, changed: false });
    assert.match(await say('delegate end'), /^Nobody voted for you/);
  });

  it('about somebody the directory does not know change nothing', async () => {
    assert.match(await say('delegate ghost@contoso.example until 2026-12-01'), /knows nobody called ghost/);
    assert.deepEqual(teams.desk.submitted, []);
  });

  it('that are refused say why and what to do', async () => {
    teams.desk.answer = async () => refusal('not-admin', 'You are not one of the administrators.');
    assert.equal(await say('stop now'), 'You are not one of the administrators. Do this instead.');
    assert.equal(await say('resume'), 'You are not one of the administrators. Do this instead.');
  });

  it('need a reason to stop', async () => {
    assert.match(await say('stop'), /^Write it like this: stop/);
    assert.deepEqual(teams.desk.submitted, []);
  });
});

describe('words about how things stand', () => {
  const cardOf = (teams: FakeTeams) => JSON.stringify(teams.said().at(-1)?.['attachments']);

  it('list the open runs, what waits for a review, and that everything is stopped', async () => {
    const teams = await fakeTeams();
    teams.desk.standing = {
      delegations: [],
      stopped: { by: berta, reason: 'storage is being repaired', at: '2026-11-22T02:10:00.000Z' },
    };
    const about = { runId, incident: 'INC0009988', ci: 'PAY-01', runbook: 'Restart', by: 'Ingrid' };
    teams.desk.waiting = [
      {
        ...about,
        code: '9ZK4M',
        reason: 'down',
        group: 'owners',
        due: '2026-11-21T02:00:00.000Z',
        overdue: true,
      },
      {
        ...about,
        code: '8AAAA',
        reason: 'slow',
        group: 'owners',
        due: '2026-11-29T02:00:00.000Z',
        overdue: false,
      },
    ];
    await teams.post(typed('status'));
    const card = cardOf(teams);
    for (const words of [
      'Everything is stopped by Berta Backup',
      'storage is being repaired',
      '7K2QD',
      'Break-glass to review: 2, overdue: 1',
      '9ZK4M',
      'Ingrid decided alone: down',
    ])
      assert.ok(card.includes(words), words);
    assert.equal(card.split('Overdue · ').length - 1, 1);
    await teams.close();
  });

  it('say why of a run: every guardrail, its reason, and when it opens next', async () => {
    const teams = await fakeTeams();
    const until = '2026-11-22T22:00:00.000Z';
    teams.desk.current = view({
      guardrails: [
        { guardrail: 'environment', effect: 'require-approval', reason: 'web01 is in production' },
        { guardrail: 'change window', effect: 'deny', reason: 'nightly is closed', until },
        { guardrail: 'cooldown', effect: 'allow', reason: 'no earlier run' },
      ],
    });
    await teams.post(typed('why 7K2QD'));
    const card = cardOf(teams);
    const places = ['nightly is closed', '{{TIME(2026-11-22T22:00:00Z)}}', 'web01 is in', 'no earlier run'];
    const found = places.map((words) => card.indexOf(words));
    assert.deepEqual(
      found.toSorted((a, b) => a - b),
      found,
      'what says no comes first',
    );
    assert.ok(!found.includes(-1));
    assert.doesNotMatch(card, /Action\./);
    await teams.close();
  });

  it('review a broken glass', async () => {
    const teams = await fakeTeams();
    await teams.post(typed('review 7K2QD unjustified Arne was on call'));
    const { by: _by, origin: _origin, ...command } = teams.desk.submitted[0]?.command ?? assert.fail();
    assert.deepEqual(command, { name: 'review', verdict: 'not justified', note: 'Arne was on call' });
    await teams.close();
  });
});
