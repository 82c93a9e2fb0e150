import assert from 'node:assert/strict';
import type { Reply } from '../../../src/domain/commands.ts';
import { AppError } from '../../../src/domain/errors.ts';
import type { StateStore } from '../../../src/ports.ts';
import { fakeDesk, refusal, runId, view } from '../../fakes/desk.ts';
import {
  arne,
  clicked,
  type FakeTeams,
  fakeTeams,
  memoryState,
  olivia,
  submitted,
  tenant,
  thread,
  typed,
} from '../../fakes/teams.ts';

const card = 'application/vnd.microsoft.card.adaptive';
const message = 'application/vnd.microsoft.activity.message';
const about = { run: runId, revision: 3 };

describe('a click on a card', () => {
  let teams: FakeTeams;
  beforeEach(async () => {
    teams = await fakeTeams();
  });
  afterEach(() => teams.close());

  it('becomes the command of the person Teams vouches for, about the plan that was shown', async () => {
    const spoofed = { ...about, by: 'entra-arne', tenant: 'other', from: { aadObjectId: 'entra-arne' } };
    const { status, body } = await teams.post(clicked('approve', spoofed));
    assert.equal(status, 200);
    assert.equal(body.type, card);
    assert.deepEqual(teams.desk.submitted, [
      {
        runId,
        command: {
          name: 'approve',
          by: { kind: 'person', id: 'entra-olivia', name: 'Olivia Oncall', tenant },
          origin: { conversation: thread, activity: 'in-1' },
          revision: 3,
        },
      },
    ]);
  });

  const verbs: [string, object, object][] = [
    ['reject', { reason: 'wrong host' }, { name: 'reject', reason: 'wrong host', revision: 3 }],
    ['narrow', { p_drainSeconds: 10 }, { name: 'narrow', values: { drainSeconds: 10 }, revision: 3 }],
    [
      'break-glass',
      { glassReason: 'payments are down' },
      { name: 'break-glass', reason: 'payments are down', revision: 3 },
    ],
    ['withdraw', {}, { name: 'withdraw', reason: '' }],
    ['cancel', { reason: 'not needed' }, { name: 'cancel', reason: 'not needed' }],
  ];
  for (const [verb, inputs, wanted] of verbs)
    it(`on ${verb} says so to the desk`, async () => {
      await teams.post(clicked(verb, { ...about, ...inputs }));
      const { by: _by, origin: _origin, ...command } = teams.desk.submitted[0]?.command ?? assert.fail();
      assert.deepEqual(command, wanted);
    });

  it('delivered twice at once is submitted once and answered twice', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let entered = 0;
    teams.desk.answer = async () => {
      entered++;
      await promise;
      return { ok: true, changed: true };
    };
    const both = Promise.all([teams.post(clicked('approve', about)), teams.post(clicked('approve', about))]);
    while (teams.connector.calls.length === 0 && entered === 0) await new Promise(setImmediate);
    await new Promise((later) => setTimeout(later, 100));
    resolve();
    const [one, two] = await both;
    assert.equal(teams.desk.submitted.length, 1);
    assert.deepEqual(one.body, two.body);
    await teams.post(clicked('approve', about));
    assert.equal(teams.desk.submitted.length, 2, 'a later repeat is for the log to judge');
  });

  it('of two people is two votes', async () => {
    await Promise.all([
      teams.post(clicked('approve', about)),
      teams.post(clicked('approve', about, { from: arne })),
    ]);
    assert.deepEqual(
      teams.desk.submitted.map(({ command }) => command.by.kind === 'person' && command.by.id).sort(),
      ['entra-arne', 'entra-olivia'],
    );
  });

  it('that is refused tells the person why and what to do, with HTTP 200', async () => {
    teams.desk.answer = async () => refusal('self-approval', 'You asked for this run.');
    const { status, body } = await teams.post(clicked('approve', about));
    assert.deepEqual(
      [status, body],
      [200, { statusCode: 200, type: message, value: 'You asked for this run. Do this instead.' }],
    );
  });

  for (const code of ['stale-card', 'already-decided', 'already-ended', 'plan-changed'] as const)
    it(`refused as ${code} shows the card as it is now`, async () => {
      teams.desk.answer = async () => refusal(code);
      teams.desk.current = view({ code: 'NEWER', revision: 4 });
      const { body } = await teams.post(clicked('approve', about));
      assert.equal(body.type, card);
      assert.ok(JSON.stringify(body.value).includes('NEWER'));
    });

  it('by somebody without an Entra object id is refused by name', async () => {
    const { id, name } = olivia;
    const { status, body } = await teams.post(clicked('approve', about, { from: { id, name } }));
    assert.equal(status, 200);
    assert.equal(body.statusCode, 400);
    assert.deepEqual(Object(body.value).code, 'NoIdentity');
    assert.equal(teams.desk.submitted.length, 0);
  });

  for (const [name, value] of [
    ['an unknown verb', clicked('launch', about)],
    ['no run', clicked('approve', {})],
    ['no action at all', { ...clicked('approve'), value: null }],
  ] as const)
    it(`with ${name} gets a named error in the body, and HTTP 200`, async () => {
      const { status, body } = await teams.post(value);
      assert.equal(status, 200);
      assert.equal(body.type, 'application/vnd.microsoft.error');
      assert.equal(Object(body.value).code, 'UnknownAction');
      assert.equal(teams.desk.submitted.length, 0);
    });

  it('that breaks something shows a fix and a reference, and is logged once with its cause', async () => {
    const error = new AppError({
      code: 'store-unavailable',
      message: 'ECONNREFUSED 10.1.1.1',
      fix: 'Wait a minute and click again.',
    });
    teams.desk.answer = () => Promise.reject(error);
    const { status, text, body } = await teams.post(clicked('approve', about));
    assert.equal(status, 200);
    assert.equal(Object(body.value).message, 'Wait a minute and click again. Reference: REF1.');
    assert.ok(!text.includes('ECONNREFUSED'));
    assert.deepEqual(teams.lines, [
      { level: 'error', message: 'a request of a person failed', reference: 'REF1', error },
    ]);
  });

  it('is answered also while the conversation cannot be remembered', async () => {
    const store = memoryState();
    const put: StateStore['put'] = (item, when) =>
      item.kind === 'card' ? store.put(item, when) : Promise.reject(new Error('the disk is full'));
    const broken = await fakeTeams({ store: { ...store, put } });
    const { body } = await broken.post(clicked('approve', about));
    assert.equal(body.type, card);
    assert.deepEqual(
      broken.lines.map(({ message: line }) => line),
      ['a conversation was not remembered'],
    );
    await broken.close();
  });

  it('of an invoke nobody knows is answered 501', async () => {
    const { status, text } = await teams.post({ ...clicked('approve', about), name: 'task/fetch' });
    assert.deepEqual([status, text], [501, '']);
  });
});

describe('a click whose work takes long', () => {
  it('is answered in time, finished behind it, and a late refusal is said in the conversation', async () => {
    const { promise, resolve } = Promise.withResolvers<Reply>();
    const desk = fakeDesk();
    desk.answer = () => promise;
    const teams = await fakeTeams({ desk, deadlineMs: 20 });
    const { status, body } = await teams.post(clicked('approve', about));
    assert.equal(status, 200);
    assert.deepEqual([body.statusCode, body.type], [200, message]);
    assert.match(String(body.value), /still working/);
    assert.deepEqual(teams.said(), []);
    resolve(refusal('not-approver', 'You are not one of the approvers.'));
    await teams.bot.settled();
    assert.deepEqual(
      teams.said().map(({ text }) => text),
      ['You are not one of the approvers. Do this instead.'],
    );
    await teams.close();
  });

  it('is not repeated by the repeat Teams sends', async () => {
    const { promise, resolve } = Promise.withResolvers<Reply>();
    const desk = fakeDesk();
    desk.answer = () => promise;
    const teams = await fakeTeams({ desk, deadlineMs: 20 });
    await teams.post(clicked('approve', about));
    await teams.post(clicked('approve', about));
    assert.equal(desk.submitted.length, 1);
    resolve({ ok: true, changed: true });
    await teams.close();
    assert.deepEqual(teams.said(), []);
  });
});

describe('the three doors', () => {
  const doors: [string, object, string][] = [
    ['approve', {}, 'approve 7K2QD'],
    ['reject', { reason: 'wrong host' }, 'reject 7K2QD wrong host'],
    ['withdraw', { reason: 'a mistake' }, '/runbook withdraw 7K2QD a mistake'],
    ['cancel', { reason: 'too late' }, 'runbook cancel 7K2QD too late'],
    ['break-glass', { glassReason: 'payments are down' }, '/break-glass 7K2QD payments are down'],
    ['narrow', { p_drainSeconds: '10' }, 'narrow 7K2QD DRAINSECONDS=10'],
  ];
  for (const [verb, inputs, text] of doors)
    it(`give ${verb} the same command: button, its fallback, and words`, async () => {
      const teams = await fakeTeams();
      await teams.post(clicked(verb, { ...about, ...inputs }));
      await teams.post(submitted(verb, { ...about, ...inputs }));
      await teams.post(typed(text));
      const [button, fallback, words] = teams.desk.submitted.map(({ command }) => command);
      assert.deepEqual(fallback, button);
      const { revision: _shown, ...withoutPlan } = { revision: 0, ...button };
      assert.deepEqual(words, withoutPlan, 'words are about the current plan');
      assert.equal(teams.said().length, 2, 'fallback and words are answered in the conversation');
      await teams.close();
    });

  it('refuse the same person the same way', async () => {
    const teams = await fakeTeams();
    teams.desk.answer = async () => refusal('not-approver', 'You are not one of the approvers.');
    const { body } = await teams.post(clicked('approve', about));
    await teams.post(submitted('approve', about));
    await teams.post(typed('approve 7K2QD'));
    const said = teams.said().map(({ text }) => text);
    assert.deepEqual(said, [body.value, body.value]);
    await teams.close();
  });
});
