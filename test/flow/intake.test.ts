import assert from 'node:assert/strict';
import fc from 'fast-check';
import { AppError } from '../../src/domain/errors.ts';
import { InboxEntry } from '../../src/domain/inbox.ts';
import { type Intake, intake } from '../../src/flow/intake.ts';
import { loadRun } from '../../src/flow/load-run.ts';
import { openRuns } from '../../src/flow/projection.ts';
import type { Itsm } from '../../src/ports.ts';
import * as f from '../fakes/domain.ts';
import { type Outside, outside, type Process, startProcess, tempFile } from '../fakes/flow.ts';

const body = (modCount = 1, sysId = 'a'.repeat(32), more: object = {}) =>
  JSON.stringify({ sys_id: sysId, sys_mod_count: modCount, ...more });
const suggestion = {
  runbook: 'recycle',
  confidence: 0.9,
  reason: 'it hangs',
  quotes: ['Burst of 5xx', 'on fire'],
  model: 'triage',
};
const suggests = (change: object = {}) => body(1, undefined, { suggestion: { ...suggestion, ...change } });
const down = new AppError({
  code: 'itsm-unreachable',
  message: 'ServiceNow does not answer',
  fix: 'Wait.',
  retryable: true,
});
const forbidden = new AppError({ code: 'itsm-refused', message: 'no right to read', fix: 'Grant it.' });

describe('intake', () => {
  let temp: ReturnType<typeof tempFile>;
  let world: Outside;
  let process: Process;
  let events: Intake;
  let lines: string[];
  const begin = async (itsm: Partial<Itsm> = {}): Promise<void> => {
    process = await startProcess(world, temp.file, {
      report: (level, message, details) => lines.push(`${level} ${message} ${details?.['why'] ?? ''}`.trim()),
    });
    const deps = { ...process.deps, itsm: { ...process.deps.itsm, ...itsm } };
    // the process' own engine decides with the same ServiceNow
    Object.assign(process.deps, { itsm: deps.itsm });
    events = intake(process.deps);
  };
  beforeEach(() => {
    temp = tempFile();
    world = outside();
    lines = [];
  });
  afterEach(async () => {
    await process.store.close();
    temp.remove();
  });

  const outcomeOf = async (id: string): Promise<string> => {
    const stored = await process.deps.state.get(`inbox:${id}`, id);
    assert.ok(stored, `event ${id} is not stored`);
    return `${stored.item.status}: ${InboxEntry.parse(stored.item.body).outcome}`;
  };
  const later = (ms: number): void => {
    world.now = new Date(world.now.getTime() + ms);
  };
  const handle = async (id = 'e1', text = body()): Promise<string> => {
    assert.equal(await events.receive(id, text), 'accepted');
    await events.process(id);
    return (await outcomeOf(id)).replaceAll(/run [0-9A-Z]{26}/g, 'run X');
  };

  const outcomes: { name: string; world?: Partial<Outside>; itsm?: Partial<Itsm>; want: string }[] = [
    { name: 'an incident that a runbook fits', want: 'done: proposed: run X' },
    {
      name: 'an incident that ServiceNow does not show',
      itsm: { incident: async () => undefined },
      want: 'received: ',
    },
    {
      name: 'an update of somebody else that a note of ours followed',
      world: { incident: f.incident({ updatedBy: 'handrail', modCount: 2 }) },
      want: 'done: proposed: run X',
    },
    {
      name: 'an incident that is resolved meanwhile',
      world: { incident: f.incident({ state: 'resolved' }) },
      want: 'done: dropped: INC0010023 is resolved',
    },
    {
      name: 'an incident without an item',
      world: { incident: f.incident({ ciSysId: '' }) },
      want: 'done: dropped: INC0010023 names no configuration item',
    },
    {
      name: 'an item the CMDB does not have',
      itsm: { ci: async () => undefined },
      want: `failed: failed: the CMDB has no item ${'c'.repeat(32)}, or Handrail may not read it. Correct the configuration item of INC0010023, or let the integration user read it.`,
    },
    {
      name: 'an incident that no runbook fits',
      world: { incident: f.incident({ shortDescription: 'the printer jams' }) },
      want: 'done: no runbook matches INC0010023',
    },
    {
      name: 'an answer of ServiceNow that will be the same tomorrow',
      itsm: { incident: () => Promise.reject(forbidden) },
      want: 'failed: failed: no right to read. Grant it.',
    },
    {
      name: 'a fault of our own',
      itsm: { incident: () => Promise.reject(new TypeError('x is undefined')) },
      want: 'failed: failed: x is undefined',
    },
    { name: 'a ServiceNow that is down', itsm: { incident: () => Promise.reject(down) }, want: 'received: ' },
    { name: 'a CMDB that is down', itsm: { ci: () => Promise.reject(down) }, want: 'received: ' },
  ];
  for (const { name, world: change, itsm, want } of outcomes)
    it(`names what came of ${name}`, async () => {
      Object.assign(world, change);
      await begin(itsm);
      assert.equal(await handle(), want);
      assert.equal((await openRuns(process.deps)).length, want.includes('proposed') ? 1 : 0);
    });

  it('says aloud what it gave up, and what it will try again', async () => {
    await begin({ incident: () => Promise.reject(forbidden) });
    await handle();
    assert.ok(lines.includes('error an event was given up no right to read. Grant it.'));
    await process.store.close();
    await begin({ incident: () => Promise.reject(down) });
    await handle('e2');
    assert.ok(lines.includes('warn an event could not be processed yet ServiceNow does not answer'));
  });

  it('hands a suggestion on as what it is, and only the quotes that are in the ticket', async () => {
    await begin();
    assert.equal(await handle('e1', suggests()), 'done: proposed: run X');
    const [runId = ''] = await openRuns(process.deps);
    const { proposal } = await loadRun(process.deps, runId);
    assert.deepEqual(proposal?.suggestion, {
      ...suggestion,
      quotes: ['Burst of 5xx'],
      misquotes: 1,
      role: 'agrees',
    });
    assert.equal(proposal?.reason, 'matches symptom "5xx"');
  });

  for (const [name, change, why] of [
    ['cannot be read', { confidence: 'very' }, /^done: proposed: run X; suggestion left out: .*confidence/],
    [
      'names an unknown runbook',
      { runbook: 'wipe' },
      /^done: proposed: run X; suggestion left out: it names no runbook of ours$/,
    ],
  ] as const)
    it(`goes on without a suggestion that ${name}, and keeps the reason`, async () => {
      await begin();
      assert.match(await handle('e1', suggests(change)), why);
      const [runId = ''] = await openRuns(process.deps);
      assert.equal((await loadRun(process.deps, runId)).proposal?.suggestion, undefined);
    });

  it('proposes what only a machine names when the policy lets it, and not otherwise', async () => {
    world.incident = f.incident({ shortDescription: 'the shop is slow' });
    await begin();
    assert.equal(
      await handle('e1', suggests()),
      'done: no runbook matches INC0010023; suggestion left out: the policy lets no machine name a runbook that no rule names',
    );
    Object.assign(process.deps.catalogue, {
      policy: f.policy({ suggestions: { atLeast: 0.8, models: ['triage'] } }),
    });
    assert.equal(await handle('e2', suggests()), 'done: proposed: run X');
    const [runId = ''] = await openRuns(process.deps);
    assert.equal((await loadRun(process.deps, runId)).proposal?.suggestion?.role, 'alone');
  });

  it('proposes once for an incident, however many events tell of it', async () => {
    await begin();
    assert.equal(await handle('e1', body(1)), 'done: proposed: run X');
    world.incident = f.incident({ modCount: 2 });
    assert.equal(await handle('e2', body(2)), 'done: known: run X; nothing that matters has changed');
  });

  it('does not propose again what people have decided against', async () => {
    await begin();
    await handle('e1', body(1));
    const [runId = ''] = await openRuns(process.deps);
    await process.command(f.anyOf.reject, runId);
    world.incident = f.incident({ modCount: 2 });
    assert.equal(await handle('e2', body(2)), 'done: known: run X; nothing that matters has changed');
  });

  it('keeps an event while ServiceNow is down, and proposes when it is back', async () => {
    let up = false;
    const { incident } = world;
    await begin({ incident: async () => (up ? incident : Promise.reject(down)) });
    await handle();
    await events.sweep();
    assert.deepEqual(await openRuns(process.deps), []);
    up = true;
    later(60_000);
    await events.sweep();
    assert.equal((await openRuns(process.deps)).length, 1);
    assert.match(await outcomeOf('e1'), /^done: proposed/);
  });

  it('keeps an event when ServiceNow goes down in the middle, and finishes the run it had begun', async () => {
    let reads = 0;
    const { incident } = world;
    await begin({ incident: async () => (reads++ === 1 ? Promise.reject(down) : incident) });
    assert.equal(await handle(), 'received: ');
    later(10_000);
    await events.sweep();
    const [runId = '', ...more] = await openRuns(process.deps);
    assert.deepEqual(more, []);
    assert.ok((await loadRun(process.deps, runId)).proposal);
  });

  it('asks at least each minute for what it waits for while ServiceNow is down, however long that is', async () => {
    let asked: number[] = [];
    await begin({
      incident: () => {
        asked.push(world.now.getTime());
        return Promise.reject(down);
      },
    });
    await handle();
    for (let n = 0; n < 3 * 360; n++) {
      later(10_000);
      await events.sweep();
    }
    const pauses = asked.slice(1).map((at, n) => at - (asked[n] ?? 0));
    assert.ok(Math.max(...pauses) <= 60_000 && asked.length < 3 * 66, `${asked.length} reads`);
    assert.equal(await outcomeOf('e1'), 'received: ');
    asked = [];
    later(9 * 86_400_000);
    await events.sweep();
    assert.equal(asked.length, 1);
  });

  it('asks less and less for what one of its sources refuses, gives it a name, and takes it up hourly', async () => {
    let reads = 0;
    const { incident } = world;
    await begin({
      incident: async () => {
        reads += 1;
        return incident;
      },
      changes: () => Promise.reject(forbidden),
    });
    assert.equal(await handle(), 'received: ');
    const hours = async (count: number): Promise<void> => {
      for (let n = 0; n < count * 360; n++) {
        later(10_000);
        await events.sweep();
      }
    };
    await hours(1);
    assert.ok(reads < 30, `${reads} reads`);
    await hours(1);
    assert.match(await outcomeOf('e1'), /^failed: failed: .*no right to read/);
    assert.ok(lines.some((line) => line.startsWith('error an event was given up')));
    Object.assign(process.deps.itsm, { changes: async () => [] });
    await hours(1);
    assert.match(await outcomeOf('e1'), /^done: proposed/);
  });

  it('does not give up at the first refusal because it had waited long before', async () => {
    let error = down;
    const { incident } = world;
    await begin({ incident: async () => (error === down ? Promise.reject(error) : incident) });
    await handle();
    for (let n = 0; n < 20; n++) {
      later(60_000);
      await events.sweep();
    }
    error = forbidden;
    Object.assign(process.deps.itsm, { changes: () => Promise.reject(forbidden) });
    later(60_000);
    await events.sweep();
    assert.equal(await outcomeOf('e1'), 'received: ');
  });

  it('takes up hourly what it gave up, because somebody may have put the password right', async () => {
    let wrong = true;
    const { incident } = world;
    await begin({ incident: async () => (wrong ? Promise.reject(forbidden) : incident) });
    assert.equal(await handle(), 'failed: failed: no right to read. Grant it.');
    wrong = false;
    later(3_599_999);
    await events.sweep();
    assert.equal(await outcomeOf('e1'), 'failed: failed: no right to read. Grant it.');
    later(1);
    await events.sweep();
    assert.match(await outcomeOf('e1'), /^done: proposed/);
  });

  it('finds what a process had stored and not finished when it died, more than a page of it', async () => {
    world.incident = f.incident({ shortDescription: 'nothing that fits', modCount: 129 });
    await begin();
    for (let n = 0; n < 130; n++) assert.equal(await events.receive(`e${n}`, body(n)), 'accepted');
    await process.store.close();
    await begin();
    await events.sweep();
    const left = await process.deps.state.list({ where: { kind: 'inbox', status: 'received' }, limit: 10 });
    assert.deepEqual(left.items, []);
    assert.match(await outcomeOf('e129'), /^done: no runbook/);
  });

  it('asks ServiceNow for at most 32 incidents at a time', async () => {
    let now = 0;
    let most = 0;
    await begin({
      incident: async () => {
        most = Math.max(most, ++now);
        await new Promise((resolve) => setTimeout(resolve, 5));
        now -= 1;
        return undefined;
      },
    });
    for (let n = 0; n < 80; n++) await events.receive(`e${n}`, body(1, n.toString(16).padStart(32, '0')));
    await events.sweep();
    assert.ok(most > 1 && most <= 32, `${most} at a time`);
  });

  it('tells a repeat from a second use of its id, also after it is processed', async () => {
    await begin();
    await handle();
    assert.equal(await events.receive('e1', body()), 'repeat');
    assert.equal(await events.receive('e1', body(2)), 'conflict');
    assert.deepEqual(Object.keys((await events.receive('e2', '{}')) as object), ['invalid']);
    assert.equal(await process.deps.state.get('inbox:e2', 'e2'), undefined);
  });

  it('makes one proposal of any deliveries: repeated, in any order, at once, swept, and after deaths', async () => {
    await begin();
    type Move = { does: 'deliver'; event: number } | { does: 'sweep' } | { does: 'die'; at: number };
    const move: fc.Arbitrary<Move> = fc.oneof(
      { weight: 6, arbitrary: fc.record({ does: fc.constant('deliver' as const), event: fc.nat(3) }) },
      { weight: 1, arbitrary: fc.constant({ does: 'sweep' as const }) },
      { weight: 2, arbitrary: fc.record({ does: fc.constant('die' as const), at: fc.nat(12) }) },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(move, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 4 }),
        async (rounds) => {
          await process.store.close();
          temp.remove();
          temp = tempFile();
          world = outside();
          world.incident = f.incident({ modCount: 3 });
          await begin();
          const deliver = async (event: number): Promise<void> => {
            const received = await events.receive(`e${event}`, body(event));
            assert.ok(received === 'accepted' || received === 'repeat');
            await events.process(`e${event}`);
          };
          for (const round of rounds) {
            const death = round.find((one) => one.does === 'die');
            let left = death?.at ?? Infinity;
            world.fault = () => {
              if (left-- <= 0) throw down;
            };
            await Promise.allSettled(
              round.map((one) => (one.does === 'deliver' ? deliver(one.event) : events.sweep())),
            );
            world.fault = () => undefined;
            // a new process knows nothing but the store
            if (death) events = intake(process.deps);
          }
          // what came too fast waits for the next minute
          world.now = new Date(world.now.getTime() + 60_000);
          await deliver(0);
          await events.sweep();
          const runs = await openRuns(process.deps);
          assert.equal(runs.length, 1);
          const run = await loadRun(process.deps, runs[0] ?? '');
          assert.equal(run.entries.filter((entry) => entry.type === 'run-proposed').length, 1);
          assert.match(await outcomeOf('e0'), /^done: (proposed|known|dropped: older|folded)/);
        },
      ),
      { numRuns: 25 },
    );
  });
});
