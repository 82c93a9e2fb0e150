import assert from 'node:assert/strict';
import { canonicalJson, sha256 } from '../../../src/domain/json.ts';
import type { StateItem, StateStore } from '../../../src/ports.ts';
import { runId, view } from '../../fakes/desk.ts';
import {
  channel,
  clicked,
  type FakeTeams,
  fakeTeams,
  installed,
  memoryState,
  olivia,
  submitted,
  thread,
  typed,
} from '../../fakes/teams.ts';

const ref = { conversation: thread, activity: '1700' };

/** The hash in the buttons of a card, which is the same in each. */
function hashIn(card: unknown): string {
  const found = [...JSON.stringify(card).matchAll(/"card":"([0-9a-f]*)"/g)].map((match) => match[1]);
  const [hash, ...others] = new Set(found);
  assert.deepEqual(others, []);
  return hash ?? assert.fail('no button votes');
}

describe('a card people decide on', () => {
  let teams: FakeTeams;
  let store: StateStore;
  let steps: string[];
  let kept: StateItem[];
  beforeEach(async () => {
    [steps, kept] = [[], []];
    const memory = memoryState();
    store = {
      ...memory,
      async put(item, when) {
        if (item.kind === 'card') {
          steps.push('kept');
          kept.push(item);
        }
        return memory.put(item, when);
      },
    };
    teams = await fakeTeams({ store });
    teams.connector.onCall = async () => {
      steps.push('sent');
    };
    await teams.post({ ...installed(olivia, channel), action: 'none' });
  });
  afterEach(() => teams.close());

  const commands = () => teams.desk.submitted.map(({ command }) => command);

  it('is kept before it leaves, under the hash its buttons name', async () => {
    await teams.bot.chat.post(channel, view());
    assert.deepEqual(steps, ['kept', 'sent']);
    const hash = hashIn(teams.said()[0]);
    const [item] = kept;
    assert.deepEqual([item?.pk, item?.id], [`card:${runId}`, hash]);
    assert.equal(sha256(String(item?.body)), hash);
    const stored = JSON.parse(String(item?.body));
    assert.equal(canonicalJson(stored), item?.body);
    assert.match(JSON.stringify(stored), /Shop answers 503/);
  });

  it('is kept when it is redrawn, shown in words, and given back for a click', async () => {
    await teams.bot.chat.update(ref, view({ revision: 4 }));
    await teams.post(typed('show 7K2QD'));
    const { body } = await teams.post(clicked('approve', { run: runId, revision: 3 }));
    const hashes = [...teams.said().map(hashIn), hashIn(body.value)];
    assert.equal(hashes.length, 3);
    for (const hash of hashes) assert.ok(await store.get(`card:${runId}`, hash));
    assert.notEqual(hashes[0], hashes[1], 'another plan is another card');
    assert.equal(hashes[1], hashes[2], 'the same card is kept once');
  });

  it('does not leave when it could not be kept', async () => {
    const put: StateStore['put'] = (item, when) =>
      item.kind === 'card' ? Promise.reject(new Error('the disk is full')) : store.put(item, when);
    const full = await fakeTeams({ store: { ...store, put }, knowsHome: true });
    await assert.rejects(full.bot.chat.post(channel, view()), /disk is full/);
    assert.deepEqual(full.said(), []);
    await full.close();
  });

  it('is named by the vote of whoever clicked on it, through both buttons', async () => {
    await teams.bot.chat.post(channel, view());
    const card = hashIn(teams.said()[0]);
    const about = { run: runId, revision: 3, card };
    await teams.post(clicked('approve', about));
    await teams.post(submitted('reject', { ...about, reason: 'no' }));
    await teams.post(clicked('narrow', { ...about, p_drainSeconds: 5 }));
    await teams.post(clicked('break-glass', { ...about, glassReason: 'payments are down' }));
    assert.deepEqual(
      commands().map((command) => 'card' in command && command.card),
      [card, card, card, card],
    );
  });

  it('is not named by a vote that was typed', async () => {
    await teams.post(typed('approve 7K2QD 3'));
    assert.deepEqual(
      commands().map((command) => 'card' in command),
      [false],
    );
  });

  it('offers more than yes and no only where the desk says so', async () => {
    await teams.bot.chat.post(channel, view());
    teams.desk.glass = true;
    const drain = { name: 'drainSeconds', title: 'Drain', value: '30', source: 'default', missing: false };
    await teams.bot.chat.post(channel, view({ parameters: [drain] }));
    const [plain, more] = teams.said().map((body) => JSON.stringify(body));
    assert.doesNotMatch(String(plain), /break-glass|narrow/);
    assert.match(String(more), /"verb":"narrow"/);
    assert.match(String(more), /"verb":"break-glass"/);
  });

  it('that nobody votes on is not kept', async () => {
    await teams.bot.chat.post(channel, view({ face: 'progress' }));
    assert.deepEqual(steps, ['sent']);
  });
});
