import assert from 'node:assert/strict';
import { AppError } from '../../src/domain/errors.ts';
import type { Fact } from '../../src/domain/facts.ts';
import type { ConfigurationItem } from '../../src/domain/incident.ts';
import { handlers } from '../../src/flow/command.ts';
import type { Deps } from '../../src/flow/deps.ts';
import { ownerNow } from '../../src/flow/owner.ts';
import type { Directory } from '../../src/ports.ts';
import * as f from '../fakes/domain.ts';
import { type Outside, outside, type Process, propose, startProcess, tempFile } from '../fakes/flow.ts';

const loaded = f.runbook({ parameters: f.owned });
const catalogue = { runbooks: new Map([['recycle', loaded]]), policy: f.policy() };
const says = (mine: boolean, reason = '') => f.command('answer-ownership', f.dana, { mine, reason });

describe('asking the owner of an item', () => {
  let temp: ReturnType<typeof tempFile>;
  let world: Outside;
  let process: Process;
  beforeEach(async () => {
    temp = tempFile();
    world = outside();
    process = await startProcess(world, temp.file, { catalogue });
  });
  afterEach(async () => {
    await process.store.close();
    temp.remove();
  });
  /** Drives until only people can go on; what was due by then has been told. */
  const drive = async (): Promise<void> => {
    const calls = handlers(process.deps);
    for (let turn = 0; turn < 5; turn++) await calls.drive(f.RUN);
  };
  const asked = async (): Promise<void> => {
    await process.command(propose);
    await drive();
  };
  const told = (text: string) => world.transcript.filter((line) => line.includes(text));

  it('happens once, in their own chat, and the ticket says whom it waits for', async () => {
    await asked();
    await drive();
    assert.deepEqual(told('ask '), ['ask dana: is it yours?']);
    assert.match([...world.notes.values()][0] ?? '', /Waits in Teams for: Owner \(dana has to confirm\)\./);
    const { ownership } = await process.run();
    assert.deepEqual(ownership?.cards, [{ owner: f.dana, conversation: 'a:dana', activity: '7' }]);
  });

  it('is told to the ticket when they confirm, and their card shows it, and how it ended', async () => {
    await asked();
    await process.command(says(true));
    await drive();
    assert.deepEqual(told('card in a:dana'), ['card in a:dana: confirmed']);
    assert.equal(told('dana confirmed in Teams that shop-web-01 is theirs').length, 1);
    await process.command(f.command('reject', f.arne, { reason: 'not now' }));
    await process.settle();
    assert.deepEqual(told('card in a:dana').at(-1), 'card in a:dana: confirmed, rejected');
  });

  it('hands the incident over when they say that it is not theirs', async () => {
    await asked();
    await process.command(says(false, 'handed back in May'));
    await process.settle();
    assert.deepEqual(told('card in a:dana'), ['card in a:dana: disowned, not confirmed']);
    assert.equal(told('[L3]').length, 1);
    assert.deepEqual([...world.jobs.keys()], []);
  });

  it('goes to the thread, mentioning them, when they have no chat with the bot', async () => {
    world.chatless.push('dana');
    await asked();
    await drive();
    const [thread, ...more] = told('thread:');
    assert.match(thread ?? '', /dana has to say whether it is theirs.* @dana$/);
    assert.deepEqual(more, []);
    assert.match((await process.run()).reported['owner:dana'] ?? '', /dana has no chat with the bot/);
    await process.command(says(true));
    assert.equal((await process.run()).approval?.revision, 1, 'they could not answer in the channel');
  });

  it('asks the next one when the item was handed on meanwhile', async () => {
    await asked();
    world.owner = { named: 'mia@contoso.example' };
    const reply = await process.command(says(true));
    assert.equal(reply.ok ? '' : reply.refusal.code, 'not-owner');
    await drive();
    assert.deepEqual(told('ask '), ['ask dana: is it yours?', 'ask mia: is it yours?']);
  });

  it('asks nobody about a run that has ended by then', async () => {
    await process.command(propose);
    await process.command(f.command('withdraw', f.olivia, { reason: '' }));
    await drive();
    assert.deepEqual(told('ask '), []);
  });
});

describe('whose an item is', () => {
  const item: Fact<ConfigurationItem> = { ok: true, value: f.ci() };
  const named = (person: Directory['person'], owner: object = { named: 'Dana@contoso.example' }) =>
    ownerNow(
      { itsm: { owner: async () => owner }, directory: { person }, tenant: 'tenant-1' } as unknown as Deps,
      item,
    );
  const fails = (retryable: boolean) => async () => {
    throw new AppError({ code: 'directory-refused', message: 'several', fix: 'Name one.', retryable });
  };

  it('is the person who signs in, by an id in lower case', async () => {
    const fact = await named(async () => ({ id: 'DANA-ID', name: 'Dana Device' }));
    const person = { kind: 'person', id: 'dana-id', name: 'Dana Device', tenant: 'tenant-1' };
    assert.deepEqual(fact, { ok: true, value: { person } });
  });

  it('is nobody, and says what to do, when nobody or several are called so', async () => {
    const none = await named(async () => undefined);
    assert.match(JSON.stringify(none), /Entra ID knows nobody called Dana@contoso.example, whom shop-web-01/);
    const several = await named(fails(false));
    assert.match(JSON.stringify(several), /"ok":true.*cannot be told: several. Name one\./);
    const unassigned = await named(async () => assert.fail('nobody was to be looked up'), { nobody: 'x' });
    assert.deepEqual(unassigned, { ok: true, value: { nobody: 'x' } });
  });

  it('is not known while the directory or the CMDB is away', async () => {
    assert.deepEqual(await named(fails(true)), { ok: false, why: 'several' });
    const away = { ok: false, why: 'no CMDB' } as const;
    assert.deepEqual(await ownerNow({ itsm: {} } as unknown as Deps, away), away);
  });
});
