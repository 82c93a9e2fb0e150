import assert from 'node:assert/strict';
import type { Command } from '../../src/domain/commands.ts';
import { newRun } from '../../src/domain/run.ts';
import { notAsked } from '../../src/flow/fact.ts';
import { factsFor } from '../../src/flow/facts.ts';
import type { Directory, EventLog, Itsm } from '../../src/ports.ts';
import * as f from '../fakes/domain.ts';
import { type Outside, outside, type Process, propose, startProcess, tempFile } from '../fakes/flow.ts';

const broken = () => Promise.reject(new Error('it did not answer'));
type Sources = { itsm?: Partial<Itsm>; log?: Partial<EventLog>; directory?: Partial<Directory> };

describe('the sources of facts', () => {
  let temp: ReturnType<typeof tempFile>;
  let world: Outside;
  let process: Process;
  beforeEach(async () => {
    temp = tempFile();
    world = outside();
    process = await startProcess(world, temp.file);
  });
  afterEach(async () => {
    await process.store.close();
    temp.remove();
  });
  const replace = ({ itsm = {}, log = {}, directory = {} }: Sources): void => {
    const { deps } = process;
    Object.assign(deps, {
      itsm: { ...deps.itsm, ...itsm },
      log: { ...deps.log, ...log },
      directory: { ...deps.directory, ...directory },
    });
  };
  const byOlivia = f.command('propose', f.olivia, {
    incident: 'a'.repeat(32),
    runbook: 'recycle',
    reason: 'r',
  });
  const gather = (command: Command) => factsFor(process.deps, command)(newRun(f.RUN));

  const failing: { name: string; sources: Sources; missing: string[] }[] = [
    { name: 'the CMDB', sources: { itsm: { ci: broken } }, missing: ['ci'] },
    {
      name: 'the relations of the CMDB',
      sources: { itsm: { relations: broken } },
      missing: ['relations', 'majorIncidents'],
    },
    { name: 'major incidents', sources: { itsm: { majorIncidents: broken } }, missing: ['majorIncidents'] },
    { name: 'the changes', sources: { itsm: { changes: broken } }, missing: ['changes'] },
    { name: 'the log', sources: { log: { find: broken } }, missing: ['history'] },
    {
      name: 'the directory',
      sources: { directory: { memberOf: broken } },
      missing: ['requesterGroups', 'requesterOnCall'],
    },
    // without the incident nobody knows the item
    {
      name: 'the incident',
      sources: { itsm: { incident: broken } },
      missing: [
        'incident',
        'ci',
        'changes',
        'relations',
        'majorIncidents',
        'schedule',
        'history',
        'lastHour',
        'holders',
        'owner',
      ],
    },
  ];
  for (const { name, sources, missing } of failing)
    it(`that fail stand as facts that say so, and the others are there: ${name}`, async () => {
      replace(sources);
      const { world: gathered } = await gather(byOlivia);
      assert.ok(gathered);
      const away = Object.entries(gathered).flatMap(([fact, value]) =>
        value.ok || value.why === notAsked.why ? [] : [fact],
      );
      assert.deepEqual(away.sort(), [...missing].sort());
      const [first = ''] = missing;
      const fact = gathered[first as keyof typeof gathered];
      assert.match(fact.ok ? '' : fact.why, /did not answer/);
    });

  for (const [name, sources] of [
    ['an incident that does not exist', { itsm: { incident: async () => undefined } }],
    ['an item that does not exist', { itsm: { ci: async () => undefined } }],
  ] as const)
    it(`that have nothing refuse, too: ${name}`, async () => {
      replace(sources);
      const reply = await process.command(propose);
      assert.equal(
        reply.ok ? 'accepted' : reply.refusal.code,
        name.includes('incident') ? 'incident-unknown' : 'ci-unknown',
      );
    });

  for (const { name, sources } of failing.slice(1, 6))
    it(`that fail let nothing be approved, and approval goes on when they are back: ${name}`, async () => {
      const quiet = { itsm: process.deps.itsm, log: process.deps.log, directory: process.deps.directory };
      const production = f.policy({ changeWindowRequired: ['test'], changeWindows: [] });
      const change = {
        number: 'CHG1',
        state: 'implement',
        approved: true,
        onHold: false,
        start: '2026-01-01T00:00:00Z',
        end: '2027-01-01T00:00:00Z',
      } as const;
      Object.assign(process.deps.catalogue, { policy: production });
      replace({ itsm: { changes: async () => [change] } });
      const whole = { ...quiet, itsm: process.deps.itsm };
      assert.ok((await process.command(byOlivia)).ok);
      replace(sources);
      const refused = await process.command(f.command('approve', f.arne, {}));
      assert.ok(!refused.ok);
      assert.match(`${refused.refusal.message} ${refused.refusal.nextAction}`, /did not answer|try again/i);
      assert.equal((await process.run()).approval?.votes.length, 0);
      Object.assign(process.deps, whole);
      assert.ok((await process.command(f.command('approve', f.arne, {}))).ok);
    });

  it('are asked side by side: the slowest is waited for, not the sum', async () => {
    const asked = new Set<string>();
    const gate = Promise.withResolvers<void>();
    const slow =
      <T>(name: string, value: T) =>
      async (): Promise<T> => {
        asked.add(name);
        // answers only once all four have been asked
        if (asked.size === 4) gate.resolve();
        await gate.promise;
        return value;
      };
    replace({
      itsm: { ci: slow('ci', world.ci), changes: slow('changes', []) },
      log: { find: slow('log', []) },
      directory: { memberOf: slow('directory', []) },
    });
    await gather(byOlivia);
    assert.deepEqual([...asked].sort(), ['changes', 'ci', 'directory', 'log']);
  });

  it('say how old they are, what rests on another one and who is on call included', async () => {
    const dates = new Map<unknown, Date>();
    const at = (seconds: number) => new Date(f.T0.getTime() - seconds * 1_000);
    const read = <A>(answer: A, seconds: number): (() => Promise<A>) => {
      dates.set(answer, at(seconds));
      return async () => answer;
    };
    const policy = f.policy({ majorIncident: 'deny', servicenowSchedules: true });
    Object.assign(process.deps.catalogue, { policy });
    replace({
      itsm: {
        readAt: (answer) => dates.get(answer),
        incident: read(world.incident, 1),
        ci: read(world.ci, 2),
        changes: read([], 3),
        relations: read({ dependents: [], members: [], truncated: false }, 18),
        majorIncidents: read([], 5),
        schedule: read([], 12),
        onCall: read(['arne@contoso.example'], 7),
      },
      directory: {
        readAt: (answer) => dates.get(answer),
        memberOf: read([], 9),
        members: read(['arne', 'mia'], 14),
        person: read({ id: 'arne', name: 'Arne' }, 11),
      },
    });
    const runbook = f.runbook({
      approval: { group: 'web-approvers', quorum: 2, expires: '30m', notAuthor: true },
      author: 'arne@contoso.example',
    });
    Object.assign(process.deps.catalogue, { runbooks: new Map([['recycle', runbook]]) });
    Object.assign(policy.policy.groups['web-operations'] ?? {}, { servicenow: 'Web Operations' });
    const { world: gathered } = await gather(byOlivia);
    const ages = Object.entries(gathered ?? {}).flatMap(([name, one]) =>
      one.ok && one.readAt !== undefined ? [[name, (f.T0.getTime() - Date.parse(one.readAt)) / 1_000]] : [],
    );
    assert.deepEqual(Object.fromEntries(ages), {
      incident: 1,
      ci: 2,
      changes: 3,
      relations: 18,
      // looked for on what depends on the item, and that is known from before
      majorIncidents: 18,
      schedule: 12,
      requesterGroups: 9,
      // ServiceNow said who 7 seconds ago, and whose address that is was known from before
      requesterOnCall: 11,
      members: 14,
      authors: 11,
    });
  });

  it('are not asked for commands that need none', async () => {
    replace({ itsm: { incident: broken, ci: broken, changes: broken }, directory: { memberOf: broken } });
    const { world: gathered, actorGroups } = await gather(f.anyOf.expire);
    assert.deepEqual([gathered, actorGroups], [undefined, { ok: true, value: [] }]);
  });

  it('know the remediations on this item by other runs, and nothing else', async () => {
    await process.command(propose);
    await process.command(f.command('approve', f.arne, {}));
    await process.settle();
    const { steps } = await process.run();
    const at = steps.find((step) => step.phase === 'remediation')?.startedAt;
    const lastRun = async (runId: string, command: Command) => {
      const { world: gathered } = await factsFor(process.deps, command)(newRun(runId));
      if (!gathered?.history.ok) return 'unknown';
      return gathered.history.value[0]?.at.toISOString() ?? null;
    };
    assert.equal(await lastRun('01JD8Z6N3V6Q4W8X2Y5A7K2QDN', propose), at);
    assert.equal(await lastRun(f.RUN, propose), null);
    world.incident = f.incident({ ciSysId: 'd'.repeat(32) });
    assert.equal(await lastRun('01JD8Z6N3V6Q4W8X2Y5A7K2QDN', propose), null);
  });

  it('name the policy groups of a person, not all their groups', async () => {
    const group = f.policy().policy.groups['web-approvers']?.entra ?? '';
    replace({ directory: { memberOf: async () => [group, '5b0f3c1e-0000-4000-8000-00000000ffff'] } });
    const { actorGroups } = await gather(f.anyOf.reject);
    assert.deepEqual(actorGroups, { ok: true, value: ['web-approvers'] });
  });
});
