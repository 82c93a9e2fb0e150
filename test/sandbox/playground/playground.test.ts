import assert from 'node:assert/strict';
import fs from 'node:fs';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { AppError } from '../../../src/domain/errors.ts';
import type { PlaygroundClient } from '../../../src/sandbox/playground/client.ts';
import { connectPlayground } from '../../../src/sandbox/playground/client.ts';
import type { RunningPlayground } from '../../../src/sandbox/playground/start.ts';
import { startPlayground } from '../../../src/sandbox/playground/start.ts';
import { cardWith } from '../../../src/sandbox/playground/stream.ts';
import type { PlaygroundPerson, PlaygroundWorld } from '../../../src/sandbox/playground/world.ts';
import { playgroundFile } from '../../../src/sandbox/playground/world.ts';
import type { EchoBot } from './echo-bot.ts';
import { startEchoBot } from './echo-bot.ts';

const person = (number: number, name: string): PlaygroundPerson => ({
  id: `29:${number}`,
  name,
  aadObjectId: `aaaaaaaa-0000-0000-0000-00000000000${number}`,
  email: `user${number}@contoso.example`,
});
const channel = '19:incidents@thread.tacv2';
const world: PlaygroundWorld = {
  tenantId: '11111111-1111-1111-1111-111111111111',
  bot: { id: '28:22222222-2222-2222-2222-222222222222', name: 'Handrail' },
  currentUser: person(0, 'Olivia Oncall'),
  users: [person(1, 'Arne'), person(2, 'Mia'), person(3, 'Ulla'), person(4, 'Ivo'), person(5, 'Ada')],
  personalChat: { id: 'a:personal-olivia' },
  groupChat: { id: '19:bridge@thread.v2', name: 'Incident bridge' },
  team: {
    id: '19:ops@thread.tacv2',
    name: 'Operations',
    aadGroupId: 'bbbbbbbb-0000-0000-0000-000000000000',
    channel: { id: channel, name: 'incidents' },
  },
};

function canConnect(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 2_000 }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('timeout', () => socket.destroy());
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
}

describe('the Agents Playground as our client', function () {
  this.timeout(90_000);
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'handrail playground '));
  let bot: EchoBot;
  let playground: RunningPlayground;
  let client: PlaygroundClient;
  const startIn = (name: string, changes: { port?: number; world?: PlaygroundWorld } = {}) =>
    startPlayground({
      botUrl: bot.url,
      port: 0,
      directory: path.join(root, name),
      open: false,
      world,
      ...changes,
    });

  before(async () => {
    bot = await startEchoBot();
    const taken = createServer().listen(0);
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as AddressInfo;
    playground = await startIn('main', { port });
    assert.notEqual(playground.port, port, 'a taken port must give another one');
    taken.close();
    client = await connectPlayground(`http://127.0.0.1:${playground.port}`);
  });
  after(async () => {
    client?.close();
    await playground?.stop();
    bot?.close();
    fs.rmSync(root, { recursive: true, force: true });
  });

  it('serves its page under localhost', async () => {
    const page = await fetch(playground.url);
    assert.equal(page.status, 200);
  });

  it('cannot be reached at any other address of this machine', async () => {
    const others = Object.values(os.networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ internal, address }) => !internal && !address.startsWith('fe80'))
      .map(({ address }) => address);
    for (const address of [...others, '::1', ...(process.platform === 'linux' ? ['127.0.0.2'] : [])]) {
      assert.equal(await canConnect(address, playground.port), false, address);
    }
    assert.equal(await canConnect('127.0.0.1', playground.port), true);
  });

  it('brings a message to the bot and the answer with its card back', async () => {
    const said = await client.say(world.personalChat.id, 'hello');
    assert.equal(said.conversation, world.personalChat.id);
    await client.waitFor(({ text }) => text === 'echo hello');
    const card = await client.waitFor(cardWith('card for hello'));
    assert.deepEqual([card.conversation, card.updated], [world.personalChat.id, false]);
    assert.equal(bot.received.at(-1)?.from.aadObjectId, world.currentUser.aadObjectId);
  });

  it('begins a thread by mentioning the bot in the channel', async () => {
    const thread = await client.say(channel, 'help', { mention: true });
    assert.match(thread.conversation, /^19:incidents@thread\.tacv2;messageid=/);
    const answer = await client.waitFor(({ conversation }) => conversation === thread.conversation);
    assert.match(answer.text, /echo .*help/);
  });

  it('clicks a card as somebody else and returns what the bot answered', async () => {
    await client.say(channel, 'click', { mention: true });
    const { id, conversation } = await client.waitFor(cardWith('click'));
    const click = { conversation, card: id, as: world.users[0].id };
    const answer = await client.execute(click, 'approve', { run: 'r1' });
    assert.equal(answer.status, 200);
    assert.match(JSON.stringify(answer.body), /noted/);
    const invoke = bot.received.at(-1);
    assert.deepEqual([invoke?.type, invoke?.from.aadObjectId], ['invoke', world.users[0].aadObjectId]);
    await client.submit(click, { reason: 'no' });
    await client.waitFor(({ text }) => text === 'echo {"reason":"no"}');
  });

  it('sends install events and activities of our own making', async () => {
    await client.install(world.groupChat.id);
    await client.custom(world.groupChat.id, { type: 'message', text: 'made up', from: { id: '29:2' } });
    await client.waitFor(({ text }) => text === 'echo made up');
    const seen = bot.received.filter(({ conversation }) => conversation.id === world.groupChat.id);
    assert.ok(seen.some(({ type }) => type === 'installationUpdate'));
    assert.equal(seen.at(-1)?.from.id, '29:2');
  });

  it('says which conversation it does not know', async () => {
    await assert.rejects(client.say('19:nowhere@thread.v2', 'x'), { name: 'AppError', code: 'chat-refused' });
  });

  it('lists what came when a message does not come', async () => {
    await assert.rejects(
      client.waitFor(({ text }) => text === 'never', 50),
      /seen:\n/,
    );
  });

  it('ends when it is stopped', async () => {
    const second = await startIn('second');
    await second.stop();
    await second.ended;
    assert.equal(await canConnect('127.0.0.1', second.port), false);
  });

  it('shows the end of its own log when its settings are refused', async () => {
    const users = world.users.slice(0, 4) as unknown as PlaygroundWorld['users'];
    await assert.rejects(startIn('refused', { world: { ...world, users } }), (error) => {
      assert.ok(error instanceof AppError);
      assert.match(error.message, /did not start.*Listening on.*users/s);
      assert.match(error.fix, /m365agentsplayground\.log/);
      return true;
    });
  });

  it('gives people of one name a surname too', () => {
    assert.match(playgroundFile(world), /givenName: Arne\n\s+surname: Arne/);
  });
});
