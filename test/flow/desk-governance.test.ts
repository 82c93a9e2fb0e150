import assert from 'node:assert/strict';
import { CONTROL } from '../../src/domain/control.ts';
import { system } from '../../src/domain/people.ts';
import type { Desk } from '../../src/flow/desk.ts';
import { peopleDesk } from '../../src/flow/people-desk.ts';
import * as f from '../fakes/domain.ts';
import { type Outside, outside, type Process, startProcess, tempFile } from '../fakes/flow.ts';

const origin = { conversation: 'c', activity: 'a' };

const groups = ['web-operations', 'web-approvers', 'owners', 'admins', 'commanders'];
const entra = (n: number) => `5b0f3c1e-0000-4000-8000-00000000000${n + 1}`;
const inAll: Record<string, readonly string[]> = {
  olivia: ['web-operations'],
  arne: ['web-approvers'],
  mia: ['web-approvers', 'owners'],
  ada: ['admins'],
  ivo: ['commanders'],
};
const terms = {
  approval: {
    group: 'web-approvers',
    quorum: 2,
    expires: '30m',
    escalate: { after: '10m', to: 'owners' },
  },
  rollback: { ...f.rollbackSteps, approval: { approvers: [{ group: 'owners' }] } },
  cooldown: '0s',
};
/** Two approvers, an escalation, a rollback with approvers of its own, admins and a rule for emergencies. */
function governed(process: Process): void {
  Object.assign(process.deps.catalogue, {
    runbooks: new Map([['recycle', f.runbook(terms)]]),
    policy: f.policy({
      groups: Object.fromEntries(groups.map((name, n) => [name, { entra: entra(n) }])),
      admins: 'admins',
      breakGlass: {
        groups: ['commanders'],
        environments: ['test'],
        review: { group: 'owners', within: '24h' },
      },
    }),
  });
  Object.assign(process.deps, {
    directory: {
      memberOf: async (id: string) => (inAll[id] ?? []).map((name) => entra(groups.indexOf(name))),
      members: async () => ['mia', 'arne', 'nadia'],
      person: async (named: string) =>
        named === 'Berta@contoso.example' ? { id: 'B-1', name: 'Berta Backup' } : undefined,
    },
  });
}

describe('the desk of people, where governance is asked for', () => {
  let temp: ReturnType<typeof tempFile>;
  let world: Outside;
  let process: Process;
  let desk: Desk;
  beforeEach(async () => {
    temp = tempFile();
    world = outside();
    process = await startProcess(world, temp.file);
    governed(process);
    desk = peopleDesk(process.deps);
  });
  afterEach(async () => {
    await process.store.close();
    temp.remove();
  });

  const asked = async (): Promise<string> => {
    const answer = await desk.propose('recycle', 'INC0010023', f.olivia, origin);
    assert.ok(answer.ok);
    return answer.runId;
  };
  const doing = async () => (await desk.open(5)).map((one) => one.doing);
  const accepted = async (runId: string, command: Parameters<Desk['submit']>[1]) =>
    assert.deepEqual(await desk.submit(runId, command), { ok: true, changed: true });

  it('says how far each quorum is, and who is asked since nobody decided', async () => {
    const runId = await asked();
    await accepted(runId, f.command('approve', f.arne, {}));
    assert.deepEqual(await doing(), ['waits for approval by web-approvers (1 of 2)']);
    world.now = f.minutes(11);
    await accepted(runId, f.command('escalate', system('timer'), {}));
    assert.deepEqual(await doing(), ['waits for approval by web-approvers (1 of 2), or by owners']);
  });

  it('says that a failed run waits for an answer about its rollback', async () => {
    const runId = await asked();
    for (const by of [f.arne, f.mia]) await accepted(runId, f.command('approve', by, {}));
    world.results['recycle'] = 'failed';
    await process.settle(runId, 12).catch(() => undefined);
    assert.deepEqual(await doing(), ['failed, and waits for approval of its rollback by owners']);
    const view = await desk.view(runId);
    assert.deepEqual([view?.face, view?.approval?.phase], ['approval', 'rollback']);
  });

  it('shows on every open run that everything is stopped, until somebody resumes', async () => {
    const runId = await asked();
    assert.equal((await desk.view(runId))?.halted, undefined);
    assert.equal((await desk.control()).stopped, undefined);
    await accepted(CONTROL, f.command('stop', f.ada, { reason: 'bad release' }));
    assert.deepEqual((await desk.control()).stopped?.by, f.ada);
    const halted = { by: 'ada', reason: 'bad release' };
    assert.deepEqual((await desk.view(runId))?.halted, halted);
    assert.deepEqual((await desk.form(runId))?.view.halted, halted);
    await accepted(CONTROL, f.command('resume', f.ada, { reason: '' }));
    assert.equal((await desk.view(runId))?.halted, undefined);
  });

  it('lists broken glasses until they are reviewed, and which of them are late', async () => {
    const runId = await asked();
    assert.deepEqual(await desk.reviews(5), []);
    await accepted(runId, f.command('break-glass', f.person('ivo'), { reason: 'payments are down' }));
    const [waiting] = await desk.reviews(5);
    assert.deepEqual(
      { ...waiting, runId: undefined, code: undefined },
      {
        runId: undefined,
        code: undefined,
        incident: 'INC0010023',
        ci: 'shop-web-01',
        runbook: 'Recycle the pool',
        by: 'ivo',
        reason: 'payments are down',
        group: 'owners',
        due: f.minutes(1440).toISOString(),
        overdue: false,
      },
    );
    world.now = f.minutes(1440);
    assert.deepEqual(
      (await desk.reviews(5)).map((one) => one.overdue),
      [true],
    );
    assert.deepEqual(await desk.reviews(0), []);
    await accepted(runId, f.command('review', f.mia, { verdict: 'justified', note: 'it was' }));
    assert.deepEqual(await desk.reviews(5), []);
  });

  it('offers what the runbook and the policy have for such a run', async () => {
    const view = (await desk.view(await asked())) ?? assert.fail('no view');
    assert.deepEqual(Object.keys(desk.offers(view).parameters), ['pool']);
    assert.equal(desk.offers(view).breakGlass, true);
    assert.equal(desk.offers({ ...view, ci: { ...view.ci, environment: 'production' } }).breakGlass, false);
    const gone = desk.offers({ ...view, runbook: { ...view.runbook, id: 'gone' } });
    assert.deepEqual(gone.parameters, {});
    Object.assign(process.deps.catalogue, { policy: f.policy() });
    assert.equal(desk.offers(view).breakGlass, false);
  });

  it('finds people of this organisation', async () => {
    assert.deepEqual(await desk.findPerson('Berta@contoso.example'), {
      kind: 'person',
      id: 'b-1',
      name: 'Berta Backup',
      tenant: 'tenant-1',
    });
    assert.equal(await desk.findPerson('ghost@contoso.example'), undefined);
  });
});
