import assert from 'node:assert/strict';
import { AppError } from '../../src/domain/errors.ts';
import { isSettled } from '../../src/domain/reports.ts';
import { handlers } from '../../src/flow/command.ts';
import { earliest } from '../../src/flow/report.ts';
import type { Chat, Itsm } from '../../src/ports.ts';
import * as f from '../fakes/domain.ts';
import { type Outside, outside, type Process, propose, startProcess, tempFile } from '../fakes/flow.ts';

const away = new AppError({ code: 'itsm-unreachable', message: 'no answer', fix: 'Wait.', retryable: true });
const refused = new AppError({
  code: 'chat-refused',
  message: 'the app is not installed',
  fix: 'Install it.',
});

describe('reporting', () => {
  let temp: ReturnType<typeof tempFile>;
  let world: Outside;
  let process: Process;
  let told: string[];
  const begin = async (): Promise<void> => {
    process = await startProcess(world, temp.file);
  };
  beforeEach(async () => {
    temp = tempFile();
    world = outside();
    told = [];
    await begin();
  });
  afterEach(async () => {
    await process.store.close();
    temp.remove();
  });
  const replace = (itsm: Partial<Itsm>, chat: Partial<Chat> = {}): void => {
    const { deps } = process;
    // `chat` may be a getter in the composition root, so the whole is replaced
    Object.assign(deps, { itsm: { ...deps.itsm, ...itsm }, chat: { ...deps.chat, ...chat } });
  };
  const watch = (): void =>
    replace(
      {
        update: async ({ marker }) => {
          told.push(marker.replace(/^\[handrail \S+ (.*)\]$/, '$1'));
          return {};
        },
        attach: async ({ name }) => void told.push(name),
      },
      { reply: async () => void told.push('thread'), tell: async () => told.push('requester') > 0 },
    );
  const askedBy = f.command('propose', f.olivia, {
    incident: 'a'.repeat(32),
    runbook: 'recycle',
    reason: 'r',
  });
  const failed = async (): Promise<void> => {
    world.results['recycle'] = 'failed';
    await process.command(askedBy);
    await process.settle();
    await process.command(f.command('approve', f.arne, {}));
    await process.settle();
  };
  const keyed = (text: string) => told.filter((one) => one.startsWith(text));

  it('writes to the ticket in the order in which things happened, whatever happens meanwhile elsewhere', async () => {
    watch();
    await failed();
    const ticket = told.filter((one) => one !== 'thread' && one !== 'requester');
    const code = f.RUN.slice(-5);
    assert.deepEqual(ticket, [
      'ticket:requested:1',
      'ticket:approved:1',
      `handrail-${code}-snapshot.log`,
      `handrail-${code}-recycle-pool.log`,
      `handrail-${code}-restore.log`,
      'ticket:closed',
    ]);
    assert.deepEqual(told.filter((one) => one === 'thread' || one === 'requester').sort(), [
      'requester',
      'thread',
    ]);
    assert.ok(isSettled(await process.run()));
  });

  it('keeps the order when a note is late: what comes behind it waits', async () => {
    watch();
    let failures = 0;
    const update = process.deps.itsm.update;
    replace({
      update: (note) =>
        note.marker.includes('approved') && failures++ < 3 ? Promise.reject(away) : update(note),
    });
    await failed();
    assert.deepEqual(keyed('ticket'), ['ticket:requested:1', 'ticket:approved:1', 'ticket:closed']);
    assert.ok(told.indexOf('ticket:approved:1') < told.findIndex((one) => one.endsWith('snapshot.log')));
  });

  it('tells the channel and the requester while ServiceNow is down, and ServiceNow when it is back', async () => {
    watch();
    const { update } = process.deps.itsm;
    let up = false;
    replace({ update: (note) => (up ? update(note) : Promise.reject(away)) });
    world.results['recycle'] = 'failed';
    await process.command(askedBy);
    await process.command(f.command('approve', f.arne, {}));
    for (let turn = 0; turn < 60 && keyed('requester').length === 0; turn++)
      await process.settle(f.RUN, 1).catch(() => undefined);
    assert.deepEqual(told.filter((one) => !one.endsWith('.log')).sort(), ['requester', 'thread']);
    assert.ok(!isSettled(await process.run()));
    up = true;
    await process.settle();
    assert.deepEqual(keyed('ticket'), ['ticket:requested:1', 'ticket:approved:1', 'ticket:closed']);
    assert.ok(isSettled(await process.run()));
  });

  it('tells ServiceNow and the requester while the channel is away', async () => {
    watch();
    replace({}, { post: () => Promise.reject(away) });
    world.results['recycle'] = 'failed';
    await process.command(askedBy);
    await process.command(f.command('approve', f.arne, {}));
    for (let turn = 0; turn < 60 && keyed('ticket:closed').length === 0; turn++)
      await process.settle(f.RUN, 1).catch(() => undefined);
    assert.deepEqual(
      [keyed('ticket:closed'), keyed('requester'), keyed('thread')],
      [['ticket:closed'], ['requester'], []],
    );
  });

  it('records what can never be delivered, with the reason and what to do, and settles', async () => {
    watch();
    replace({}, { reply: () => Promise.reject(refused), tell: async () => false });
    await failed();
    const { reported } = await process.run();
    assert.equal(reported['thread:escalated'], 'not delivered: the app is not installed. Install it.');
    assert.equal(reported['requester:closed'], 'not delivered: olivia has no chat with the bot');
    assert.equal(reported['ticket:closed'], '');
    assert.ok(isSettled(await process.run()));
  });

  it('gives up after a day of trying, and says so', async () => {
    watch();
    replace({}, { tell: () => Promise.reject(away) });
    await process.command(askedBy);
    await process.settle();
    await process.command(f.anyOf.reject);
    const drive = () => handlers(process.deps).drive(f.RUN);
    assert.ok(await drive());
    assert.ok(!('requester:closed' in (await process.run()).reported));
    world.now = new Date(world.now.getTime() + 86_400_001);
    await process.settle();
    assert.match(
      (await process.run()).reported['requester:closed'] ?? '',
      /^not delivered: no answer\. Wait\.$/,
    );
  });

  it('says that a log is gone, and goes on', async () => {
    watch();
    const { get } = process.deps.state;
    Object.assign(process.deps.state, {
      get: async (pk: string, id: string) => (pk.startsWith('evidence:') ? undefined : get(pk, id)),
    });
    await failed();
    const { reported } = await process.run();
    assert.equal(reported['attached:snapshot'], 'not delivered: the log is gone');
    assert.deepEqual(keyed('ticket:closed'), ['ticket:closed']);
  });

  it('tells nobody twice: not when it is driven again, and not after a restart', async () => {
    watch();
    await failed();
    const before = [...told];
    await process.settle();
    await process.store.close();
    await begin();
    watch();
    await process.settle();
    assert.deepEqual(told, before);
  });

  it('names in the thread everybody who had a part in it, each once', async () => {
    const named: string[] = [];
    replace(
      {},
      { reply: async (_ref, text, people) => void named.push(text, ...people.map((one) => one.name)) },
    );
    await failed();
    const [text = '', ...people] = named;
    assert.match(text, /^INC0010023: rolled back\..*For L3: /);
    assert.deepEqual(people, ['olivia', 'arne']);
  });

  it('posts one card, redraws it when the run has moved, and only then', async () => {
    const drawn: string[] = [];
    replace(
      {},
      {
        post: async (channel, view) => {
          drawn.push(`post ${channel} ${view.face}`);
          return { conversation: 'c', activity: '1' };
        },
        update: async (_ref, view) => void drawn.push(`update ${view.face}`),
      },
    );
    const { drive } = handlers(process.deps);
    await process.command(propose);
    await drive(f.RUN);
    await drive(f.RUN);
    assert.deepEqual(drawn, ['post 19:incidents@thread.tacv2 approval']);
    await process.command(f.command('reject', f.stranger, { reason: 'x' }));
    await drive(f.RUN);
    assert.equal(drawn.length, 1, 'a click that was refused redraws the card');
    await process.command(f.anyOf.reject);
    await drive(f.RUN);
    assert.deepEqual(drawn.slice(1), ['update outcome']);
    await drive(f.RUN);
    assert.equal(drawn.length, 2);
  });

  it('finds the earliest of several times', () => {
    assert.equal(earliest(), undefined);
    assert.equal(earliest(undefined, undefined), undefined);
    assert.deepEqual(earliest(f.minutes(5), undefined, f.minutes(2)), f.minutes(2));
  });
});
