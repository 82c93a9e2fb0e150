import assert from 'node:assert/strict';
import { AppError } from '../../src/domain/errors.ts';
import type { Person } from '../../src/domain/people.ts';
import { isSettled } from '../../src/domain/reports.ts';
import type { Chat, Itsm } from '../../src/ports.ts';
import * as f from '../fakes/domain.ts';
import {
  Crash,
  type Outside,
  outside,
  type Process,
  propose,
  startProcess,
  tempFile,
} from '../fakes/flow.ts';

const away = new AppError({ code: 'itsm-unreachable', message: 'no answer', fix: 'Wait.', retryable: true });

describe('an end that needs whoever is on call', () => {
  let temp: ReturnType<typeof tempFile>;
  let world: Outside;
  let process: Process;
  /** Personal messages that were tried, and messages in the channel with whom they name. */
  let personal: [name: string, text: string][];
  let channel: [names: string[], text: string][];
  /** Who has the app. */
  let reachable: (person: Person) => boolean;
  let onCall: Itsm['onCall'];

  const begin = async () => {
    process = await startProcess(world, temp.file);
    const { deps } = process;
    const chat: Chat = {
      ...deps.chat,
      reply: async (_ref, text, mention) => void channel.push([mention.map(({ name }) => name), text]),
      tell: async (person, text) => {
        world.fault('before:tell');
        personal.push([person.name, text]);
        world.fault('after:tell');
        return reachable(person);
      },
    };
    Object.assign(deps, {
      chat,
      itsm: { ...deps.itsm, onCall: (...asked: Parameters<Itsm['onCall']>) => onCall(...asked) },
    });
  };
  const end = async () => {
    world.results['snapshot'] = 'failed';
    await process.command(propose);
    await process.command(f.command('approve', f.arne, {}));
    await process.settle();
  };
  const noted = async () => (await process.run()).reported['on-call:closed'];

  beforeEach(async () => {
    temp = tempFile();
    world = outside();
    [personal, channel] = [[], []];
    reachable = () => true;
    onCall = async () => ['otto@contoso.example', 'berta@contoso.example'];
    await begin();
  });
  afterEach(async () => {
    await process.store.close();
    temp.remove();
  });

  it('names them in the thread beside those involved, and writes to the first of them', async () => {
    await end();
    assert.deepEqual(
      channel.map(([names]) => names),
      [['otto', 'berta', 'arne']],
    );
    assert.deepEqual(
      personal.map(([name]) => name),
      ['otto'],
    );
    const code = f.RUN.slice(-5);
    for (const text of [channel[0]?.[1], personal[0]?.[1]]) {
      assert.match(
        text ?? '',
        /INC0010023: .*automation failed\. Snapshot: snapshot failed; nothing was changed\./,
      );
      assert.match(
        text ?? '',
        new RegExp(
          `Run code ${code}\\. Diagnostics are attached to INC0010023: handrail-${code}-snapshot\\.log\\.`,
        ),
      );
    }
    assert.equal(await noted(), '');
    assert.ok(isSettled(await process.run()));
  });

  it('writes to the next one when the first has not got the app, and the record names who missed it', async () => {
    reachable = ({ name }) => name === 'berta';
    await end();
    assert.deepEqual(
      personal.map(([name]) => name),
      ['otto', 'berta'],
    );
    assert.equal(await noted(), 'berta was told: otto has no chat with the bot');
    assert.deepEqual(channel[0]?.[0], ['otto', 'berta', 'arne']);
  });

  it('says in the record that nobody could be reached, and the channel names them all the same', async () => {
    reachable = () => false;
    await end();
    assert.equal(await noted(), 'not delivered: otto, berta have no chat with the bot');
    assert.deepEqual(channel[0]?.[0], ['otto', 'berta', 'arne']);
    assert.ok(isSettled(await process.run()));
  });

  it('says in the record that nobody is on call', async () => {
    onCall = async () => [];
    await end();
    assert.equal(await noted(), 'not delivered: nobody is on call for L3');
    assert.deepEqual(channel[0]?.[0], ['arne']);
  });

  it('asks ServiceNow again when it is away, and holds up nobody meanwhile', async () => {
    let asked = 0;
    onCall = async () => {
      asked += 1;
      if (asked < 4) throw away;
      return ['otto@contoso.example'];
    };
    await end();
    assert.deepEqual(
      personal.map(([name]) => name),
      ['otto'],
    );
    assert.equal(channel.length, 1);
    assert.equal(await noted(), '');
  });

  it('is told once, and again only when the process died before it could note that', async () => {
    let dies = true;
    world.fault = (point) => {
      if (point !== 'after:tell' || !dies) return;
      dies = false;
      throw new Crash('killed');
    };
    await end().catch((error: unknown) => assert.ok(error instanceof Crash));
    await process.store.close();
    await begin();
    await process.settle();
    const toldTwice = personal.length;
    assert.ok(toldTwice <= 2);
    await process.settle();
    assert.equal(personal.length, toldTwice);
    assert.equal(channel.length, 1);
  });
});
