import assert from 'node:assert/strict';
import type { TicketUpdate, Updated } from '../../../src/ports.ts';
import { client, ids, password, reply, row, scripted } from './instance.ts';
import { closeServers, type Simulation, simulation, sysId } from './simulation.ts';

const [anna, bert, otherGroup] = [sysId('5'), sysId('6'), sysId('7')];
const seed = {
  incident: [{ sys_id: ids.incident, number: 'INC0000001', state: '1', assigned_to: anna }],
  sys_user_group: [
    { sys_id: ids.group, name: 'Web Operations L3', active: 'true' },
    { sys_id: otherGroup, name: 'Network', active: 'true' },
  ],
};
const note = (more: Partial<TicketUpdate>): TicketUpdate => ({
  sysId: ids.incident,
  marker: '[handrail run-1 closed]',
  workNote: 'Succeeded.',
  ...more,
});
const resolve = { state: 'resolved', close: { code: 'Solution provided', notes: 'Recycled.' } } as const;
const handOver = { assignmentGroup: 'Web Operations L3' } as const;

describe('An incident that people have taken while a run was under way', () => {
  let sn: Simulation;
  let since: Updated['seen'];
  const authorization = `Basic ${Buffer.from(`person:${password}`).toString('base64')}`;
  const table = async (path: string, init: RequestInit = {}) => {
    const headers = { authorization, 'content-type': 'application/json', accept: 'application/json' };
    const answer = await fetch(`${sn.url}/api/now/table/${path}`, { headers, ...init });
    return ((await answer.json()) as { result: Record<string, string> & Record<string, string>[] }).result;
  };
  const change = (body: Readonly<Record<string, string>>) =>
    table(`incident/${ids.incident}`, { method: 'PATCH', body: JSON.stringify(body) });
  const incident = () => table(`incident/${ids.incident}?sysparm_exclude_reference_link=true`);
  const lastNote = async (): Promise<string> =>
    (await table('sys_journal_field?sysparm_query=element=work_notes')).at(-1)?.['value'] ?? '';

  beforeEach(async () => {
    const users = [
      { user: 'handrail', password },
      { user: 'person', password },
    ];
    sn = await simulation(seed, {}, { users });
    const started = note({
      marker: '[handrail run-1 approved]',
      workNote: 'Approved.',
      state: 'in-progress',
    });
    ({ seen: since } = await sn.itsm.update(started));
    assert.deepEqual(since, {
      state: '2',
      assigned_to: anna,
      assignment_group: '',
      reopen_count: '',
      cmdb_ci: '',
    });
  });
  afterEach(closeServers);

  const closed = { close_code: 'Solved', close_notes: 'By hand.' };
  const cases: readonly (readonly [string, readonly Readonly<Record<string, string>>[], RegExp])[] = [
    ['was given to somebody else', [{ assigned_to: bert }], /assigned to somebody else/],
    ['was given to another group', [{ assignment_group: otherGroup }], /given to another group/],
    ['was put on hold', [{ state: '3', hold_reason: '4' }], /set to another state/],
    ['was resolved', [{ state: '6', ...closed }], /is resolved already/],
    ['names another item', [{ cmdb_ci: ids.ci }], /names another configuration item/],
    ['was closed', [{ state: '7', ...closed }], /is closed already/],
    ['was resolved and reopened', [{ state: '6', ...closed }, { state: '2' }], /was reopened/],
  ];
  for (const [what, changes, why] of cases)
    it(`is not resolved when it ${what}: the note is written, and says why`, async () => {
      for (const one of changes) await change(one);
      const before = await incident();
      const { left } = await sn.itsm.update(note({ ...resolve, ...(since ? { since } : {}) }));
      assert.match(left ?? '', why);
      assert.match(left ?? '', /^INC0000001 .*: it was not resolved by Handrail$/);
      const after = await incident();
      for (const column of ['state', 'assigned_to', 'assignment_group', 'close_code', 'close_notes'])
        assert.equal(after[column], before[column], column);
      assert.equal(await lastNote(), `Succeeded.\nLeft as it is: ${left}.\n[handrail run-1 closed]`);
    });

  it('is not handed to the resolver group over the heads of those who have it', async () => {
    await change({ assignment_group: otherGroup });
    const { left } = await sn.itsm.update(note({ ...handOver, ...(since ? { since } : {}) }));
    assert.match(left ?? '', /given to another group: it was not handed to Web Operations L3$/);
    assert.equal((await incident())['assignment_group'], otherGroup);
  });

  it('is handed over all the same when it only changed its state, its item, or lost who had it: it failed', async () => {
    await change({ state: '3', hold_reason: '4', cmdb_ci: ids.ci, assigned_to: '' });
    const { left } = await sn.itsm.update(note({ ...handOver, ...(since ? { since } : {}) }));
    assert.equal(left, undefined);
    assert.equal((await incident())['assignment_group'], ids.group);
  });

  it('is resolved, and handed over, when people only wrote on it', async () => {
    await change({ work_notes: 'I am watching this.', short_description: 'shop is slow' });
    const handed = await sn.itsm.update(note({ marker: '[m 1]', ...handOver, ...(since ? { since } : {}) }));
    assert.equal(handed.left, undefined);
    assert.equal((await incident())['assignment_group'], ids.group);
    const now = handed.seen ?? {};
    assert.equal((await sn.itsm.update(note({ ...resolve, since: now }))).left, undefined);
    assert.equal((await incident())['state'], '6');
  });

  it('gets the notes that change nothing of that in any case, without a word about it', async () => {
    await change({ assigned_to: bert });
    const asked = note({ approval: 'requested', ...(since ? { since } : {}) });
    assert.equal((await sn.itsm.update(asked)).left, undefined);
    assert.equal((await incident())['approval'], 'requested');
  });

  it('is not taken for what the approval left, when others saved it before a process that died could look', async () => {
    const approved = note({ marker: '[handrail run-1 approved]', state: 'in-progress' });
    assert.deepEqual((await sn.itsm.update(approved)).seen, since);
    await change({ assigned_to: bert });
    assert.deepEqual(await sn.itsm.update(approved), { seen: {} });
  });

  it('is told of again when the note was written by a process that died right after', async () => {
    await change({ assigned_to: bert });
    const end = note({ ...resolve, ...(since ? { since } : {}) });
    const first = await sn.itsm.update(end);
    assert.deepEqual(await sn.itsm.update(end), first);
  });

  it('is not told of when it was Handrail that resolved it before its process died', async () => {
    const end = note({ ...resolve, ...(since ? { since } : {}) });
    await sn.itsm.update(end);
    assert.equal((await sn.itsm.update(end)).left, undefined);
  });

  it('is told of when the note alone was written, and the process died before it could say why', async () => {
    const end = note({
      state: 'resolved',
      close: { code: '', notes: 'Recycled.' },
      ...(since ? { since } : {}),
    });
    await assert.rejects(sn.itsm.update(end), /403.*mandatory/);
    const { left } = await sn.itsm.update(end);
    assert.equal(left, 'INC0000001 is not resolved: of its last work note only the text was written');
  });

  it('is told of when it was taken in the very moment of the write, which cannot be prevented', async () => {
    const taken = row({ state: '6', close_code: 'Solved', sys_mod_count: '6', assigned_to: bert });
    let written = false;
    const { url } = await scripted((one, response) => {
      if (one.path.includes('sys_journal_field')) return reply(response, 200, { result: [] });
      written ||= one.method === 'PATCH';
      reply(response, 200, { result: written ? taken : row({ assigned_to: anna }) });
    });
    const { left } = await client(url).update(note({ ...resolve, close: { code: 'Solved', notes: 'x' } }));
    assert.match(left ?? '', /assigned to somebody else in the same moment as it was resolved .*check it$/);
  });
});
