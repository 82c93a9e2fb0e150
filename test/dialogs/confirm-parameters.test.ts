import assert from 'node:assert/strict';
import { fakeDesk, refusal, runId, view } from '../fakes/desk.ts';
import { arne, clicked, type FakeTeams, fakeTeams, submitted, thread, typed } from '../fakes/teams.ts';

const about = { run: runId, revision: 1 };
const proposal = () => fakeDesk(view({ face: 'proposal', revision: 1 }));
const values = (teams: FakeTeams) =>
  teams.desk.submitted.map(({ command }) =>
    command.name === 'confirm-parameters' ? command.values : command.name,
  );
const calls = (teams: FakeTeams) =>
  teams.connector.calls.map(({ method, path }) => `${method} ${path.replace('/v3/conversations/', '')}`);
const last = (teams: FakeTeams) => JSON.stringify(teams.said().at(-1));
const texts = (teams: FakeTeams) => teams.said().flatMap(({ text }) => (text === undefined ? [] : [text]));

describe('the parameter dialog', () => {
  let teams: FakeTeams;
  beforeEach(async () => {
    teams = await fakeTeams({ desk: proposal() });
  });
  afterEach(() => teams.close());

  const places: [string, string][] = [
    ['a channel thread', thread],
    ['a group chat', '19:bridge@thread.v2'],
    ['a personal chat', 'a:personal-olivia'],
  ];
  for (const [place, conversation] of places)
    it(`goes from the button to confirmed values in ${place}`, async () => {
      const opened = await teams.post(clicked('parameters', about, { conversation }));
      assert.match(String(opened.body.value), /form of run 7K2QD is open/);
      const form = last(teams);
      assert.match(form, /p_appPool/);
      assert.match(form, /p_drainSeconds/);
      assert.match(form, /default/i, 'says where a value comes from');
      const inputs = { ...about, p_appPool: 'Shop', p_drainSeconds: 45 };
      const done = await teams.post(clicked('confirm', inputs, { conversation, card: 'sent-1' }));
      assert.deepEqual(values(teams), [{ appPool: 'Shop', drainSeconds: 45 }]);
      assert.equal(done.body.type, 'application/vnd.microsoft.card.adaptive');
      const left = JSON.stringify(done.body.value);
      assert.match(left, /Confirmed.*Go on with the card of run 7K2QD/);
      assert.doesNotMatch(left, /Action\.|Input\./, 'a second card of the run would never be redrawn');
      assert.equal(
        calls(teams).at(-1),
        `PUT ${conversation}/activities/sent-1`,
        'no open form is left behind',
      );
      const [by] = teams.desk.submitted.map(({ command }) => command.by);
      assert.deepEqual(by?.kind === 'person' && by.id, 'entra-olivia');
    });

  it('shows what is wrong beside the field, keeps what was entered, and takes the corrected values', async () => {
    await teams.post(clicked('parameters', about));
    const wrong = { ...about, p_appPool: 'Shop 42!', p_drainSeconds: 900 };
    const { body } = await teams.post(clicked('confirm', wrong, { card: 'sent-1' }));
    assert.equal(body.type, 'application/vnd.microsoft.card.adaptive');
    const form = JSON.stringify(body.value);
    for (const part of ['Shop 42!', 'must match', 'at most 600', 'p_appPool'])
      assert.ok(form.includes(part), part);
    assert.equal(teams.desk.current?.face, 'proposal');
    await teams.post(
      clicked('confirm', { ...about, p_appPool: 'Shop', p_drainSeconds: 60 }, { card: 'sent-1' }),
    );
    assert.deepEqual(values(teams).at(-1), { appPool: 'Shop', drainSeconds: 60 });
    assert.equal(teams.desk.current?.face, 'approval');
  });

  it('takes values in words, one after the other, in any case, and hands them in on confirm', async () => {
    await teams.post(typed('confirm 7K2QD'));
    assert.match(last(teams), /p_appPool/);
    assert.deepEqual(texts(teams), []);
    await teams.post(typed('APPPOOL=Shop'));
    assert.match(texts(teams).at(-1) as string, /^Noted/);
    await teams.post(typed('drainSeconds=9999'));
    assert.match(texts(teams).at(-1) as string, /drainSeconds: at most 600/);
    assert.deepEqual(values(teams), [], 'nothing is handed in before the person says so');
    await teams.post(typed('confirm drainSeconds=90'));
    assert.deepEqual(values(teams), [{ appPool: 'Shop', drainSeconds: '90' }]);
    assert.match(texts(teams).at(-1) as string, /^Confirmed\./);
  });

  it('hands values in at once when the command brings them, and opens the form when they do not fit', async () => {
    await teams.post(typed('confirm 7K2QD appPool=42'));
    assert.deepEqual(values(teams), [{ appPool: '42' }]);
    assert.match(JSON.stringify(teams.said()), /p_appPool/);
    assert.match(texts(teams).at(-1) as string, /appPool: must match/);
    await teams.post(typed('confirm 7K2QD appPool=Shop drainSeconds=10'));
    assert.deepEqual(values(teams).at(-1), { appPool: 'Shop', drainSeconds: '10' });
  });

  it('works through the fallback of the buttons', async () => {
    await teams.post(submitted('parameters', about));
    await teams.post(submitted('confirm', { ...about, p_appPool: '42' }, { card: 'sent-1' }));
    assert.equal(
      calls(teams).filter((call) => call.startsWith('PUT')).length,
      1,
      'the form is redrawn in place',
    );
    await teams.post(submitted('confirm', { ...about, p_appPool: 'Shop' }, { card: 'sent-1' }));
    assert.deepEqual(values(teams), [{ appPool: '42' }, { appPool: 'Shop' }]);
  });

  it('ends on cancel, by button or word, and changes nothing', async () => {
    await teams.post(clicked('parameters', about));
    await teams.post(clicked('dismiss', about, { card: 'sent-1' }));
    assert.equal(calls(teams).at(-1), `PUT ${thread}/activities/sent-1`);
    await teams.post(typed('confirm 7K2QD'));
    await teams.post(typed('cancel'));
    assert.equal(texts(teams).at(-1), 'Closed, nothing was changed.');
    await teams.post(typed('cancel'));
    assert.match(texts(teams).at(-1) as string, /no form open/);
    await teams.post(typed('appPool=Shop'));
    assert.match(texts(teams).at(-1) as string, /no form open/);
    assert.deepEqual(values(teams), []);
  });

  it("refuses another person's click on the form and says whose it is", async () => {
    await teams.post(clicked('parameters', about));
    const inputs = { ...about, p_appPool: 'Evil' };
    const { body } = await teams.post(clicked('confirm', inputs, { from: arne, card: 'sent-1' }));
    assert.match(String(body.value), /opened by Olivia Oncall/);
    await teams.post(clicked('parameters', about, { from: arne }));
    const again = await teams.post(clicked('confirm', inputs, { from: arne, card: 'sent-1' }));
    assert.match(String(again.body.value), /opened by Olivia Oncall/, 'also when they have one of their own');
    const dismissed = await teams.post(clicked('dismiss', about, { from: arne, card: 'sent-1' }));
    assert.match(String(dismissed.body.value), /opened by Olivia Oncall/);
    assert.deepEqual(values(teams), []);
    await teams.post(clicked('confirm', { ...about, p_appPool: 'Arne' }, { from: arne, card: 'sent-2' }));
    assert.deepEqual(values(teams), [{ appPool: 'Arne' }], 'their own form works');
  });

  it("does not take another person's words as answers", async () => {
    await teams.post(typed('confirm 7K2QD'));
    await teams.post(typed('appPool=Evil', arne));
    assert.match(texts(teams).at(-1) as string, /no form open/);
    await teams.post(typed('confirm appPool=Shop'));
    assert.deepEqual(values(teams), [{ appPool: 'Shop' }]);
  });

  it('takes a click on a form it does not know only from a person who has this form open', async () => {
    const { body } = await teams.post(
      clicked('confirm', { ...about, p_appPool: 'Shop' }, { card: 'unknown' }),
    );
    assert.match(String(body.value), /not open any more/);
    assert.deepEqual(values(teams), []);
    await teams.post(clicked('parameters', about));
    await teams.post(clicked('confirm', { ...about, p_appPool: 'Shop' }, { card: 'stamped-wrong' }));
    assert.deepEqual(values(teams), [{ appPool: 'Shop' }]);
  });

  it('lets other commands through meanwhile', async () => {
    await teams.post(typed('confirm 7K2QD'));
    await teams.post(typed('appPool=Shop'));
    await teams.post(typed('status'));
    assert.match(last(teams), /waits for approval/);
    await teams.post(typed('cancel 7K2QD not needed'));
    assert.deepEqual(values(teams), ['cancel']);
    await teams.post(typed('confirm'));
    assert.deepEqual(values(teams), ['cancel', { appPool: 'Shop' }]);
  });

  it('ends with the reason when the run has moved on', async () => {
    await teams.post(clicked('parameters', about));
    teams.desk.current = view();
    const { body } = await teams.post(
      clicked('confirm', { ...about, p_appPool: 'Shop' }, { card: 'sent-1' }),
    );
    assert.match(JSON.stringify(body.value), /Nothing to confirm/);
    assert.deepEqual(values(teams), [], 'the run was read anew');
    teams.desk.current = view({ face: 'proposal' });
    teams.desk.answer = async () => refusal('not-requester', 'You may not ask for this.');
    await teams.post(typed('confirm 7K2QD appPool=Shop'));
    assert.equal(texts(teams).at(-1), 'You may not ask for this. Do this instead.');
    await teams.post(typed('confirm'));
    assert.match(texts(teams).at(-1) as string, /no form open/);
  });

  it('about a run nobody knows says so', async () => {
    await teams.post(clicked('parameters', { run: 'GONE', revision: 1 }));
    const { body } = await teams.post(clicked('parameters', { run: 'GONE', revision: 1 }));
    assert.match(String(body.value), /no such run/);
  });

  it('goes on after a restart between two steps', async () => {
    await teams.post(typed('confirm 7K2QD'));
    await teams.post(typed('appPool=Shop'));
    const restarted = await fakeTeams({ desk: teams.desk, store: teams.store });
    await restarted.post(typed('drainSeconds=15'));
    await restarted.post(typed('confirm'));
    assert.deepEqual(values(restarted), [{ appPool: 'Shop', drainSeconds: '15' }]);
    await restarted.close();
  });

  it('answers its owner also when its state was lost', async () => {
    await teams.post(clicked('parameters', about));
    const { items } = await teams.store.list({ where: { kind: 'dialog' }, limit: 10 });
    assert.equal(items.length, 1);
    for (const { item } of items) await teams.store.remove(item.pk, item.id);
    await teams.post(clicked('confirm', { ...about, p_appPool: 'Shop' }, { card: 'sent-1' }));
    assert.deepEqual(values(teams), [{ appPool: 'Shop' }]);
  });

  it('is submitted once when the button is clicked twice', async () => {
    await teams.post(clicked('parameters', about));
    const click = clicked('confirm', { ...about, p_appPool: 'Shop' }, { card: 'sent-1' });
    const { promise, resolve } = Promise.withResolvers<void>();
    const { answer } = teams.desk;
    teams.desk.answer = async (one) => {
      await promise;
      return answer(one);
    };
    const both = Promise.all([teams.post(click), teams.post(click)]);
    await new Promise((later) => setTimeout(later, 150));
    resolve();
    const [one, two] = await both;
    assert.equal(teams.desk.submitted.length, 1);
    assert.deepEqual(one.body, two.body);
  });

  it('survives two turns that end at once', async () => {
    await teams.post(typed('confirm 7K2QD'));
    await Promise.all([teams.post(typed('appPool=One')), teams.post(typed('appPool=Two'))]);
    await teams.post(typed('confirm'));
    assert.equal(values(teams).length, 1);
    assert.equal(teams.lines.filter(({ level }) => level === 'error').length, 0);
  });
});
