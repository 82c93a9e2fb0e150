import assert from 'node:assert/strict';
import { refusal, view } from '../../fakes/desk.ts';
import {
  appId,
  channel,
  type FakeTeams,
  fakeTeams,
  installed,
  olivia,
  thread,
  typed,
} from '../../fakes/teams.ts';

const personal = 'a:personal-olivia';
const text = (said: Record<string, unknown>[]) => said.map((one) => one['text']);
const isCard = (message: Record<string, unknown> | undefined) => {
  assert.ok(message);
  assert.equal(message['text'], undefined, 'a card travels alone');
  assert.notEqual(message['summary'], undefined);
  return JSON.stringify(message['attachments']);
};

describe('words to the bot', () => {
  let teams: FakeTeams;
  beforeEach(async () => {
    teams = await fakeTeams();
  });
  afterEach(() => teams.close());

  it('are read without the mention of the bot, and answered in the thread', async () => {
    const mention = {
      type: 'mention',
      text: '<at>Handrail</at>',
      mentioned: { id: `28:${appId}`, name: 'Handrail' },
    };
    await teams.post({ ...typed('<at>Handrail</at>&nbsp;show 7K2QD\n'), entities: [mention] });
    const call = teams.connector.calls[0] ?? assert.fail('nothing was said');
    assert.ok(call.path.startsWith(`/v3/conversations/${thread}/activities`));
    assert.equal(call.headers.authorization, 'Bearer outbound-token');
    assert.match(isCard(call.body), /INC0010001/);
  });

  const lists: [string, RegExp][] = [
    ['help', /approve/],
    ['runbook list', /app-pool-recycle/],
    ['/runbook status', /waits for approval/],
  ];
  for (const [words, shown] of lists)
    it(`show a card for ${words}`, async () => {
      await teams.post(typed(words));
      assert.match(isCard(teams.said()[0]), shown);
      assert.equal(teams.said().length, 1);
    });

  it('of an owner are the same as the buttons, and are answered with what is left of the card', async () => {
    const owner = { name: 'Olivia Oncall', state: 'disowned', consequence: '', until: '' } as const;
    teams.desk.current = view({ face: 'outcome', owner });
    for (const [words, mine, reason] of [
      ['mine 7K2QD', true, ''],
      ['not-mine 7K2QD I gave it back', false, 'I gave it back'],
    ] as const) {
      await teams.post(typed(words, olivia, personal));
      const { command } = teams.desk.submitted.at(-1) ?? assert.fail('nothing was asked');
      assert.ok(command.name === 'answer-ownership' && command.by.kind === 'person');
      assert.deepEqual([command.mine, command.reason, command.by.id], [mine, reason, 'entra-olivia']);
    }
    assert.match(isCard(teams.said().at(-1)), /said that web01 is not theirs/);
  });

  it('propose a runbook; only in a personal chat the card is posted too', async () => {
    await teams.post(typed('/runbook run app-pool-recycle for inc0010001'));
    assert.deepEqual(teams.desk.proposals, [['app-pool-recycle', 'INC0010001', 'entra-olivia']]);
    assert.match(String(text(teams.said())[0]), /^Proposed as run 7K2QD\./);
    assert.equal(teams.said().length, 1);
    await teams.post(typed('run app-pool-recycle for INC0010001', olivia, personal));
    assert.equal(teams.said().length, 3);
    isCard(teams.said()[2]);
  });

  it('about a code nobody knows, or that two runs have, change nothing', async () => {
    await teams.post(typed('approve ZZZZZ'));
    await teams.post(typed('approve TWIN1'));
    assert.equal(teams.desk.submitted.length, 0);
    assert.match(String(text(teams.said())[0]), /No run has the code ZZZZZ/);
    assert.match(String(text(teams.said())[1]), /2 runs have the code TWIN1/);
  });

  it('nobody understands get the closest command, or help', async () => {
    await teams.post(typed('aprove 7K2QD'));
    await teams.post(typed('please fix the shop'));
    await teams.post(typed('reject 7K2QD'));
    assert.match(
      String(text(teams.said())[0]),
      /^I did not understand that\. Did you mean: approve <\u2060code>/,
    );
    assert.deepEqual(text(teams.said()).slice(1), [
      'I did not understand that. Write help to see what I can do.',
      'Write it like this: reject <\u2060code> <\u2060reason>',
    ]);
  });

  it('cannot put tags, links or mentions into an answer', async () => {
    teams.desk.answer = async () => refusal('guardrail-denied', '<img src=x> <at>all</at> [a](https://b)');
    await teams.post(typed('approve 7K2QD'));
    const [said] = text(teams.said());
    assert.doesNotMatch(String(said), /<[a-z/]|\]\(|:\/\//);
  });

  it('about an outdated plan get the reason and the card of the current one', async () => {
    teams.desk.answer = async () => refusal('plan-changed', 'The plan changed.');
    teams.desk.current = view({ code: 'NEWER' });
    await teams.post(typed('approve 7K2QD'));
    assert.equal(text(teams.said())[0], 'The plan changed. Do this instead.');
    assert.match(isCard(teams.said()[1]), /NEWER/);
  });

  it('that break something are answered with a fix and a reference', async () => {
    teams.desk.answer = () => Promise.reject(new Error('boom at line 3'));
    await teams.post(typed('approve 7K2QD'));
    const [said] = text(teams.said());
    assert.match(String(said), /Reference: REF1\.$/);
    assert.ok(!String(said).includes('boom'));
    assert.equal(teams.lines.length, 1);
  });

  it('that cannot be answered are a logged 500 without a body', async () => {
    teams.connector.fail({ status: 403, code: 'BotNotInConversationRoster' });
    const { status, text: body } = await teams.post(typed('help'));
    assert.deepEqual([status, body], [500, '']);
    assert.deepEqual(
      teams.lines.map(({ message }) => message),
      ['a turn failed'],
    );
  });
});

describe('being installed', () => {
  it('is answered with one welcome a conversation, however often Teams says it', async () => {
    const teams = await fakeTeams();
    const { aadObjectId: _none, ...system } = olivia;
    for (const again of [1, 2, 3]) {
      await teams.post({ ...installed(system, personal), id: `in-${again}` });
      await teams.post({
        ...typed('', system, personal),
        type: 'conversationUpdate',
        membersAdded: [{ id: `28:${appId}` }],
      });
    }
    assert.equal(teams.said().length, 1);
    isCard(teams.said()[0]);
    await teams.post(installed(system, channel));
    assert.equal(teams.said().length, 2);
    await teams.post({ ...installed(system, '19:other@thread.tacv2'), action: 'remove' });
    await teams.post({
      ...typed('', system, 'a:x'),
      type: 'conversationUpdate',
      membersAdded: [{ id: '29:new' }],
    });
    assert.equal(teams.said().length, 2, 'leaving, and other people coming, are no reason to speak');
    await teams.close();
  });
});

describe('what the desk is asked by words', () => {
  it('is nothing when the sender cannot be identified', async () => {
    const teams = await fakeTeams();
    await teams.post(typed('approve 7K2QD', { id: '29:x', name: 'X' }));
    assert.match(String(text(teams.said())[0]), /did not say who you are/);
    assert.deepEqual(teams.desk.submitted, []);
    await teams.close();
  });
});
