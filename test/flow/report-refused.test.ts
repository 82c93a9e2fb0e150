import assert from 'node:assert/strict';
import { AppError } from '../../src/domain/errors.ts';
import { isSettled } from '../../src/domain/reports.ts';
import type { TicketUpdate } from '../../src/ports.ts';
import * as f from '../fakes/domain.ts';
import { outside, type Process, startProcess, tempFile } from '../fakes/flow.ts';

const OTHER_RUN = '01JD8Z6N3V6Q4W8X2Y5A7K2QDN';
const [sysId, otherSysId] = ['a'.repeat(32), 'b'.repeat(32)];
/** As the adapter words a 403 to a write. */
const forbidden = new AppError({
  code: 'itsm-refused',
  message: 'PATCH incident: ServiceNow answered 403, Operation Failed: Approval is closed',
  fix: 'A business rule of ServiceNow refused approval. Do what the rule wants on the ticket.',
});
const said = `not delivered: ${forbidden.message}. ${forbidden.fix}`;

describe('a ticket that refuses a note', () => {
  let temp: ReturnType<typeof tempFile>;
  let process: Process;
  /** What was written to which incident: the report's key, or the name of a file. */
  let written: string[];
  let refuses: (update: TicketUpdate) => boolean;
  beforeEach(async () => {
    temp = tempFile();
    written = [];
    const world = outside();
    process = await startProcess(world, temp.file);
    const { itsm } = process.deps;
    const label = (to: string) => (to === sysId ? 'one' : 'other');
    Object.assign(process.deps, {
      itsm: {
        ...itsm,
        incident: async (ref) =>
          'sysId' in ref && ref.sysId === otherSysId
            ? f.incident({ sysId: otherSysId, number: 'INC0010024', ciSysId: 'd'.repeat(32) })
            : world.incident,
        ci: async (id) => ({ ...world.ci, sysId: id }),
        update: async (update) => {
          if (refuses(update)) throw forbidden;
          written.push(`${label(update.sysId)} ${/ (\S+)\]$/.exec(update.marker)?.[1]}`);
          return {};
        },
        attach: async (file) => {
          written.push(`${label(file.sysId)} ${file.name.replace(/^handrail-.{5}-/, '')}`);
        },
      } satisfies Partial<typeof itsm>,
    });
  });
  afterEach(async () => {
    await process.store.close();
    temp.remove();
  });
  const begin = (incident: string, runId: string) =>
    process.command(f.command('propose', f.olivia, { incident, runbook: 'recycle', reason: 'r' }), runId);
  const finish = async (runId: string): Promise<void> => {
    assert.ok((await process.command(f.command('approve', f.arne, {}), runId)).ok);
    await process.settle(runId);
  };
  const of = (which: string) => written.filter((line) => line.startsWith(`${which} `));

  it('has what to fix in the record, and gets the next ones in their order', async () => {
    refuses = ({ approval }) => approval === 'requested';
    await begin(sysId, f.RUN);
    await process.settle();
    assert.deepEqual(written, []);
    assert.equal((await process.run()).reported['ticket:requested:1'], said);
    await finish(f.RUN);
    assert.deepEqual(of('one'), [
      'one ticket:approved:1',
      'one snapshot.log',
      'one recycle-pool.log',
      'one ticket:closed',
    ]);
    assert.ok(isSettled(await process.run()));
  });

  it('is asked once for each note, and never again for one it refused', async () => {
    const asked: string[] = [];
    refuses = ({ marker }) => asked.push(marker) > 0;
    await begin(sysId, f.RUN);
    await process.settle();
    await finish(f.RUN);
    await process.settle();
    assert.deepEqual(
      asked.map((marker) => / (\S+)\]$/.exec(marker)?.[1]),
      ['ticket:requested:1', 'ticket:approved:1', 'ticket:closed'],
    );
    const { reported } = await process.run();
    assert.deepEqual(
      Object.entries(reported).flatMap(([key, note]) => (note === '' ? [] : [`${key} ${note}`])),
      asked.map((marker) => `${/ (\S+)\]$/.exec(marker)?.[1]} ${said}`),
    );
    assert.ok(isSettled(await process.run()));
  });

  it('holds up no other incident', async () => {
    refuses = (update) => update.sysId === sysId;
    await begin(sysId, f.RUN);
    await begin(otherSysId, OTHER_RUN);
    await process.settle();
    await process.settle(OTHER_RUN);
    await finish(OTHER_RUN);
    assert.deepEqual(of('other'), [
      'other ticket:requested:1',
      'other ticket:approved:1',
      'other snapshot.log',
      'other recycle-pool.log',
      'other ticket:closed',
    ]);
    assert.ok(isSettled(await process.run(OTHER_RUN)));
  });

  it('holds up no other incident either while it cannot be reached at all', async () => {
    const away = new AppError({ code: 'itsm-unreachable', message: 'locked', fix: 'Wait.', retryable: true });
    refuses = (update) => {
      if (update.sysId === sysId) throw away;
      return false;
    };
    await begin(sysId, f.RUN);
    await begin(otherSysId, OTHER_RUN);
    await process.settle(f.RUN, 1).catch(() => undefined);
    await process.settle(OTHER_RUN);
    await finish(OTHER_RUN);
    assert.ok(isSettled(await process.run(OTHER_RUN)));
    assert.deepEqual(of('one'), []);
    assert.ok(!('ticket:requested:1' in (await process.run()).reported));
  });
});
