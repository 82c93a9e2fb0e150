import assert from 'node:assert/strict';
import { AppError } from '../../../src/domain/errors.ts';
import type { Person } from '../../../src/domain/people.ts';
import { view } from '../../fakes/desk.ts';
import {
  channel,
  type FakeTeams,
  fakeTeams,
  installed,
  olivia,
  tenant,
  thread,
  typed,
} from '../../fakes/teams.ts';

const person: Person = { kind: 'person', id: 'entra-olivia', name: 'Olivia <b>Oncall</b>', tenant };
const ref = { conversation: thread, activity: '1700' };
const personal = 'a:personal-olivia';

describe('the chat', () => {
  let teams: FakeTeams;
  beforeEach(async () => {
    teams = await fakeTeams();
    await teams.post({ ...installed(olivia, channel), action: 'none' });
    teams.connector.calls.length = 0;
  });
  afterEach(() => teams.close());

  const refused = async (work: Promise<unknown>, code: string) => {
    const error = await work.then(
      () => assert.fail('it worked'),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof AppError);
    assert.equal(error.code, code);
    assert.ok(!JSON.stringify([error.message, error.fix]).includes('outbound-token'));
    return error;
  };

  it('posts a card as a new thread of a channel and says where it is', async () => {
    assert.deepEqual(await teams.bot.chat.post(channel, view()), ref);
    const [call] = teams.connector.calls;
    assert.equal(call?.path, '/v3/conversations');
    assert.equal(call.headers.authorization, 'Bearer outbound-token');
    const { activity, ...target } = call.body;
    assert.deepEqual(target['channelData'], { channel: { id: channel }, tenant: { id: tenant } });
    assert.equal(target['isGroup'], true);
    assert.equal(Object(activity).text, undefined);
    assert.match(Object(activity).summary, /INC0010001/);
    assert.equal(Object(activity).attachments.length, 1);
  });

  it('posts in a channel of a team it has not heard from yet when it was told the way', async () => {
    const [silent, told] = [await fakeTeams(), await fakeTeams({ knowsHome: true })];
    try {
      await refused(silent.bot.chat.post(channel, view()), 'chat-refused');
      assert.deepEqual(await told.bot.chat.post(channel, view()), ref);
      assert.equal(told.connector.calls.at(-1)?.body['tenantId'], tenant);
      await told.bot.chat.update(ref, view());
    } finally {
      await Promise.all([silent.close(), told.close()]);
    }
  });

  it('finds the root message in the conversation id when Teams does not name it', async () => {
    teams.connector.created = { id: `${channel};messageid=42` };
    assert.deepEqual(await teams.bot.chat.post(channel, view()), {
      conversation: `${channel};messageid=42`,
      activity: '42',
    });
  });

  it('posts into a channel nobody wrote in, by way of the team, and can redraw that card', async () => {
    const fresh = '19:fresh@thread.tacv2';
    await teams.post({
      ...installed(olivia, channel, { team: { id: '19:team@thread.tacv2' } }),
      action: 'none',
    });
    await teams.bot.chat.post(fresh, view());
    await teams.bot.chat.update({ conversation: `${fresh};messageid=1`, activity: '1' }, view());
    assert.deepEqual(
      teams.connector.calls.map(({ method, path }) => `${method} ${path}`),
      ['POST /v3/conversations', `PUT /v3/conversations/${fresh};messageid=1/activities/1`],
    );
  });

  it('says what to do about a channel the bot cannot reach', async () => {
    const other = await fakeTeams();
    const error = await refused(other.bot.chat.post('19:nowhere@thread.tacv2', view()), 'chat-refused');
    assert.match(error.fix, /Add the app/);
    await other.close();
  });

  it('redraws the card at the place it was posted', async () => {
    await teams.bot.chat.update(ref, view());
    const [call] = teams.connector.calls;
    assert.equal(`${call?.method} ${call?.path}`, `PUT /v3/conversations/${thread}/activities/1700`);
  });

  it('does not mind when the card to redraw is gone', async () => {
    teams.connector.fail({ status: 404, code: 'ActivityNotFoundInConversation' });
    await teams.bot.chat.update(ref, view());
    teams.connector.fail({ status: 400, code: 'ActivityNotFoundInConversation' });
    await teams.bot.chat.update(ref, view());
    assert.equal(teams.connector.calls.length, 2);
  });

  it('replies in the thread and mentions people so that their names cannot become markup', async () => {
    await teams.bot.chat.reply(ref, 'Waits <at>everyone</at> for [you](https://evil.example)', [person]);
    const [call] = teams.connector.calls;
    assert.equal(call?.path, `/v3/conversations/${thread}/activities`);
    const entities: { text: string; mentioned: { id: string } }[] = Object(call.body['entities']);
    assert.equal(entities.length, 1);
    const text = String(call.body['text']);
    assert.ok(text.startsWith(String(entities[0]?.text)));
    assert.equal(entities[0]?.mentioned.id, 'entra-olivia');
    assert.equal(text.match(/<at>/g)?.length, 1, text);
    assert.ok(!text.includes('](https'), text);
  });

  it('asks the owner of an item in the personal chat it knows, and redraws that card', async () => {
    const owner = { name: 'Olivia', state: 'asked', consequence: 'You sign in again.', until: '' } as const;
    const asking = view({ face: 'proposal', owner });
    await teams.post(typed('help', olivia, personal));
    const card = await teams.bot.chat.askOwner(person, asking);
    assert.equal(card?.conversation, personal);
    assert.match(JSON.stringify(teams.said().at(-1)), /Is this yours\?.*It is mine, go on/);
    await teams.bot.chat.updateOwner(card, view({ owner: { ...owner, state: 'confirmed' } }));
    const redrawn = JSON.stringify(teams.said().at(-1));
    assert.match(redrawn, /Olivia confirmed that web01 is theirs/);
    assert.doesNotMatch(redrawn, /Action\./);
    teams.connector.fail({ status: 403, code: 'ConversationBlockedByUser' });
    assert.equal(await teams.bot.chat.askOwner(person, asking), undefined);
  });

  it('tells a person in the personal chat it knows', async () => {
    await teams.post(typed('help', olivia, personal));
    teams.connector.calls.length = 0;
    assert.equal(await teams.bot.chat.tell(person, 'Approved *by* <at>x</at>'), true);
    const [call, ...more] = teams.connector.calls;
    assert.equal(call?.path, `/v3/conversations/${personal}/activities`);
    assert.deepEqual(
      [call.body['textFormat'], call.body['text'], more],
      ['plain', 'Approved *by* <\u2060at>x<\u2060/at>', []],
    );
  });

  const inTeam = async () => {
    await teams.post(installed(olivia, channel, { team: { id: '19:team@thread.tacv2' } }));
    await teams.bot.settled();
    teams.connector.calls.length = 0;
  };

  it('opens the chat of a person it has not heard from, once', async () => {
    await inTeam();
    teams.connector.created = { id: 'a:new', serviceUrl: teams.connector.url };
    assert.equal(await teams.bot.chat.tell(person, 'You are on call.'), true);
    assert.equal(await teams.bot.chat.tell(person, 'Again.'), true);
    const [opened, ...sent] = teams.connector.calls;
    assert.equal(opened?.path, '/v3/conversations');
    const { isGroup, members, tenantId, activity } = opened.body;
    assert.deepEqual([isGroup, members, tenantId, activity], [false, [{ id: person.id }], tenant, undefined]);
    assert.deepEqual(
      sent.map(({ path, body }) => [path, body['text']]),
      [
        ['/v3/conversations/a:new/activities', 'You are on call.'],
        ['/v3/conversations/a:new/activities', 'Again.'],
      ],
    );
  });

  it('opens it from where it was told the way to, before it has heard from any team', async () => {
    const told = await fakeTeams({ knowsHome: true });
    try {
      told.connector.created = { id: 'a:new', serviceUrl: told.connector.url };
      assert.equal(await told.bot.chat.tell(person, 'x'), true);
    } finally {
      await told.close();
    }
  });

  for (const [status, code] of [
    [403, 'ForbiddenOperationException'],
    [404, 'ConversationNotFound'],
    [400, 'BadSyntax'],
    [500, 'UserNotFound'],
  ] as const)
    it(`says so when a person cannot be reached (${code})`, async () => {
      await inTeam();
      teams.connector.fail({ status, code });
      assert.equal(await teams.bot.chat.tell(person, 'x'), false);
      assert.equal(teams.connector.calls.length, 1);
    });

  it('does not take an answer of a Teams that is away for a no', async () => {
    await inTeam();
    teams.connector.fail(...Array.from({ length: 4 }, () => ({ status: 503 })));
    await refused(teams.bot.chat.tell(person, 'x'), 'chat-unreachable');
  });

  it('reaches nobody of another organisation, and nobody when it knows no way', async () => {
    await inTeam();
    assert.equal(await teams.bot.chat.tell({ ...person, tenant: 'other' }, 'x'), false);
    const silent = await fakeTeams();
    try {
      assert.equal(await silent.bot.chat.tell(person, 'x'), false);
      assert.deepEqual([...teams.connector.calls, ...silent.connector.calls], []);
    } finally {
      await silent.close();
    }
  });

  it('forgets a personal chat whose person blocked or removed the bot, and asks for it anew', async () => {
    await inTeam();
    await teams.post(typed('help', olivia, personal));
    teams.connector.calls.length = 0;
    teams.connector.fail({ status: 403, code: 'ConversationBlockedByUser' }, { status: 403 });
    assert.equal(await teams.bot.chat.tell(person, 'x'), false);
    assert.equal(await teams.bot.chat.tell(person, 'x'), false);
    assert.deepEqual(
      teams.connector.calls.map(({ path }) => path),
      [`/v3/conversations/${personal}/activities`, '/v3/conversations'],
    );
  });

  it('uses the latest service URL of a conversation', async () => {
    const elsewhere = await fakeTeams({ store: teams.store });
    await elsewhere.post({ ...installed(olivia, channel), action: 'none' });
    await elsewhere.bot.chat.update(ref, view());
    assert.equal(elsewhere.connector.calls.length, 1);
    assert.equal(teams.connector.calls.length, 0);
    await elsewhere.close();
  });

  it('sends nothing to a stored service URL that is not of Teams', async () => {
    const elsewhere = await fakeTeams({ store: teams.store });
    await refused(elsewhere.bot.chat.reply(ref, 'x', []), 'chat-refused');
    assert.equal(teams.connector.calls.length, 0, 'its host is allowed for the other bot only');
    await elsewhere.close();
  });
});

describe('a connector that misbehaves', () => {
  let teams: FakeTeams;
  beforeEach(async () => {
    teams = await fakeTeams({ limits: { timeoutMs: 200 } });
    await teams.post({ ...installed(olivia, channel), action: 'none' });
    teams.connector.calls.length = 0;
  });
  afterEach(() => teams.close());
  const failure = (work: Promise<unknown>) =>
    work.then(
      () => assert.fail('it worked'),
      (error: unknown) => {
        assert.ok(error instanceof AppError);
        const { code, retryable, maybeApplied } = error;
        return { code, retryable, maybeApplied };
      },
    );

  for (const status of [412, 429, 502, 503, 504])
    it(`is asked again after ${status}`, async () => {
      teams.connector.fail({ status }, { status });
      await teams.bot.chat.reply(ref, 'x', []);
      assert.equal(teams.connector.calls.length, 3);
      assert.deepEqual(teams.pauses, [500, 1000]);
    });

  it('is waited for as long as it asks', async () => {
    teams.connector.fail({ status: 429, headers: { 'retry-after': '3' } });
    await teams.bot.chat.reply(ref, 'x', []);
    assert.deepEqual(teams.pauses, [3000]);
  });

  it('that asks for a long wait is left to the caller', async () => {
    teams.connector.fail({ status: 429, headers: { 'retry-after': '120' } });
    const error = await teams.bot.chat.reply(ref, 'x', []).catch((thrown: unknown) => thrown);
    assert.ok(error instanceof AppError);
    assert.deepEqual([error.code, error.retryable, error.retryAfterMs], ['chat-unreachable', true, 120_000]);
    assert.equal(teams.connector.calls.length, 1);
  });

  it('is given up after four attempts', async () => {
    teams.connector.fail(...Array.from({ length: 9 }, () => ({ status: 503 })));
    assert.deepEqual(await failure(teams.bot.chat.post(channel, view())), {
      code: 'chat-unreachable',
      retryable: true,
      maybeApplied: true,
    });
    assert.equal(teams.connector.calls.length, 4);
  });

  for (const [status, code, retryable] of [
    [500, 'chat-unreachable', false],
    [400, 'chat-refused', false],
    [401, 'chat-refused', false],
    [403, 'chat-refused', false],
  ] as const)
    it(`is not asked again after ${status}`, async () => {
      teams.connector.fail({ status });
      const error = await failure(teams.bot.chat.post(channel, view()));
      assert.deepEqual([error.code, error.retryable], [code, retryable]);
      assert.equal(teams.connector.calls.length, 1);
    });

  it('that does not answer is given up', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    teams.connector.onCall = () => promise;
    assert.deepEqual(await failure(teams.bot.chat.reply(ref, 'x', [])), {
      code: 'chat-unreachable',
      retryable: true,
      maybeApplied: true,
    });
    resolve();
  });

  it('gets one write a conversation at a time, and other conversations do not wait', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    teams.connector.onCall = ({ path }) => (path.includes(thread) ? promise : Promise.resolve());
    const slow = await fakeTeams({ store: teams.store, serviceHosts: [new URL(teams.connector.url).host] });
    const first = slow.bot.chat.reply(ref, 'one', []);
    const second = slow.bot.chat.reply(ref, 'two', []);
    await slow.bot.chat.reply({ conversation: `${channel};messageid=2`, activity: '2' }, 'three', []);
    assert.deepEqual(
      teams.said().map(({ text }) => text),
      ['one', 'three'],
    );
    resolve();
    await Promise.all([first, second]);
    assert.deepEqual(
      teams.said().map(({ text }) => text),
      ['one', 'three', 'two'],
    );
    await slow.close();
  });
});
