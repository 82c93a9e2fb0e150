import assert from 'node:assert/strict';
import { AppError } from '../../../src/domain/errors.ts';
import type { TicketUpdate } from '../../../src/ports.ts';
import { fault, ids, password } from './instance.ts';
import { closeServers, type Simulation, simulation, sysId } from './simulation.ts';

const second = sysId('9');
const seed = {
  incident: [
    { sys_id: ids.incident, number: 'INC0000001', state: '1', approval: 'not requested' },
    { sys_id: second, number: 'INC0000002', state: '1', approval: 'not requested' },
  ],
};
const note = (n: number, more: Partial<TicketUpdate> = {}): TicketUpdate => ({
  sysId: ids.incident,
  marker: `[handrail run-1 ${n}]`,
  workNote: `Note ${n}.`,
  ...more,
});
const rule = fault(
  'Operation Failed',
  'Operation against file incident was aborted by Business Rule "Lock VIP"',
);

describe('What is written back to ServiceNow', () => {
  let sn: Simulation;
  beforeEach(async () => {
    sn = await simulation(
      seed,
      {},
      {
        users: [
          { user: 'handrail', password },
          { user: 'person', password },
        ],
      },
    );
  });
  afterEach(closeServers);

  const journal = async (incident: string): Promise<string[]> => {
    const authorization = `Basic ${Buffer.from(`person:${password}`).toString('base64')}`;
    const answer = await fetch(`${sn.url}/api/now/table/sys_journal_field?element_id=${incident}`, {
      headers: { authorization },
    });
    const { result } = (await answer.json()) as { result: { value: string }[] };
    return result.map(({ value }) => value.split('\n')[0] ?? '');
  };
  const refuse = (more: Readonly<Record<string, unknown>> = {}) =>
    sn.breakNext({
      method: 'PATCH',
      status: 403,
      body: JSON.stringify(rule),
      headers: { 'content-type': 'application/json' },
      ...more,
    });

  it('names the fields a business rule refused, is not tried again, and leaves the note all the same', async () => {
    await refuse();
    const error: unknown = await sn.itsm
      .update(note(1, { state: 'in-progress' }))
      .catch((thrown: unknown) => thrown);
    assert.ok(error instanceof AppError);
    assert.deepEqual([error.code, error.retryable, error.maybeApplied], ['itsm-refused', false, false]);
    assert.match(
      error.fix,
      /business rule .* refused work_notes, state \(.*Lock VIP.*set work_notes, state by hand/i,
    );
    assert.deepEqual(await journal(ids.incident), ['Note 1.']);
  });

  for (const [what, detail, fix] of [
    [
      'a data policy',
      'Data Policy Exception: The following fields are mandatory: Resolution code',
      /data policy .* wants more than work_notes, approval \(.*Resolution code\)/i,
    ],
    [
      'an access rule',
      'ACL Exception Update Failed due to security constraints',
      /role that may write work_notes, approval/,
    ],
  ] as const)
    it(`says what to do about ${what}`, async () => {
      await refuse({ body: JSON.stringify(fault('Operation Failed', detail)) });
      await assert.rejects(sn.itsm.update(note(1, { approval: 'requested' })), { code: 'itsm-refused', fix });
    });

  it('keeps the order of the notes of one incident, also when they are sent at the same time', async () => {
    await sn.breakNext({ method: 'PATCH', latencyMs: 80 });
    await Promise.all([1, 2, 3, 4].map((n) => sn.itsm.update(note(n))));
    assert.deepEqual(await journal(ids.incident), ['Note 1.', 'Note 2.', 'Note 3.', 'Note 4.']);
  });

  it('does not take two updates of its own for a race with somebody else', async () => {
    await Promise.all([
      sn.itsm.update(note(1, { state: 'in-progress' })),
      sn.itsm.update(note(2, { approval: 'requested' })),
      sn.itsm.attach({ sysId: ids.incident, name: 'log', type: 'text/plain', bytes: Buffer.from('log') }),
    ]);
    assert.equal((await sn.itsm.incident({ sysId: ids.incident }))?.modCount, 2);
  });

  it('lets a refused note hold up neither the next one nor those of other incidents', async () => {
    const path = `/api/now/table/incident/${ids.incident}`;
    await refuse({ path });
    const [refused, next, other] = await Promise.allSettled([
      sn.itsm.update(note(1)),
      sn.itsm.update(note(2)),
      sn.itsm.update(note(3, { sysId: second })),
    ]);
    assert.deepEqual([refused.status, next.status, other.status], ['rejected', 'fulfilled', 'fulfilled']);
    assert.deepEqual([await journal(ids.incident), await journal(second)], [['Note 2.'], ['Note 3.']]);
  });

  it('lets a slow incident hold up no other one', async () => {
    await sn.breakNext({ method: 'PATCH', path: `/api/now/table/incident/${ids.incident}`, latencyMs: 300 });
    const done: string[] = [];
    await Promise.all([
      sn.itsm.update(note(1)).then(() => done.push('slow')),
      sn.itsm.update(note(2, { sysId: second })).then(() => done.push('other')),
    ]);
    assert.deepEqual(done, ['other', 'slow']);
  });
});
