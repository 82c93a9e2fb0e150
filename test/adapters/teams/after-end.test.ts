import assert from 'node:assert/strict';
import { otherRunId, runId, view } from '../../fakes/desk.ts';
import { clicked, type FakeTeams, fakeTeams, olivia, submitted, typed } from '../../fakes/teams.ts';

const personal = 'a:personal-olivia';

describe('words and clicks about a run that has ended', () => {
  let teams: FakeTeams;
  beforeEach(async () => {
    teams = await fakeTeams();
  });
  afterEach(() => teams.close());

  const text = () => String(teams.said()[0]?.['text']);
  const asked = () => {
    const { by: _by, origin: _origin, ...command } = teams.desk.submitted.at(-1)?.command ?? assert.fail();
    return command;
  };

  it('say what happened', async () => {
    await teams.post(typed('settle 7K2QD did not run its job list has no such job'));
    assert.deepEqual(asked(), {
      name: 'settle',
      word: 'did-not-run',
      reason: 'its job list has no such job',
    });
    await teams.post(clicked('settle-ran', { run: runId, revision: 1, reason: 'it is in its log' }));
    assert.deepEqual(asked(), { name: 'settle', word: 'ran', reason: 'it is in its log' });
    await teams.post(submitted('settle-cancel', { run: runId, revision: 1, reason: 'the log is gone' }));
    assert.deepEqual(asked(), { name: 'settle', word: 'cancel', reason: 'the log is gone' });
  });

  it('go on with it; in a personal chat the card of the new run is posted too', async () => {
    teams.desk.next = {
      ok: true,
      runId: otherRunId,
      code: 'TWIN1',
      view: view({ runId: otherRunId, code: 'TWIN1' }),
    };
    await teams.post(typed('/runbook continue 7K2QD'));
    assert.deepEqual(teams.desk.continued, [[runId, 'entra-olivia']]);
    assert.match(text(), /^Continued as run TWIN1\./);
    assert.equal(teams.said().length, 1);
    await teams.post(typed('continue 7K2QD', olivia, personal));
    assert.equal(teams.said().length, 3, 'the words again, and the card');
    assert.match(JSON.stringify(teams.said()[2]), /TWIN1/);
  });

  it('answer a click with the card it was made on, as it is now', async () => {
    teams.desk.current = view({
      face: 'outcome',
      rest: { is: 'continued', code: 'TWIN1', by: 'Olivia Oncall' },
    });
    const answer = await teams.post(clicked('continue', { run: runId, revision: 1 }));
    assert.match(answer.text, /Continued as run TWIN1/);
    assert.match(answer.text, /7K2QD/);
  });

  it('say why it cannot be', async () => {
    teams.desk.next = {
      ok: false,
      message: 'This run cannot be continued.',
      nextAction: 'Ask again with /runbook run.',
    };
    await teams.post(typed('continue 7K2QD'));
    assert.equal(text(), 'This run cannot be continued. Ask again with /runbook run.');
  });

  it('list in the status what waits for a word', async () => {
    const about = { runId, incident: 'INC0009988', ci: 'PAY-01', runbook: 'Restart' };
    teams.desk.unknown = [{ ...about, code: '9ZK4M', doing: 'ended' }];
    await teams.post(typed('status'));
    const card = JSON.stringify(teams.said().at(-1)?.['attachments']);
    assert.match(card, /Outcome unknown, somebody has to say what happened: 1/);
    assert.match(card, /9ZK4M/);
  });
});
