import assert from 'node:assert/strict';
import { awxTarget } from '../../../src/adapters/automation/awx.ts';
import type { Scalar } from '../../../src/domain/runbook.ts';
import type { JobTemplate } from '../../../src/sandbox/awx/templates.ts';
import { ended, launchOf, refused } from '../../contract/target.ts';
import {
  type AwxWorld,
  awxWorld,
  hello,
  quick,
  template,
  token,
  untilCancelled,
  variable,
} from './awx-world.ts';

const ours = { variable, type: 'text', min: 36, max: 36 } as const;
const secret = 'pa55 "word"';
const resolveSecret = (name: string) => Promise.resolve(name === 'DB_PASSWORD' ? secret : undefined);

/** Does the preflight say no, with this reason; and does a launch say the same and send nothing? */
async function refusedBoth(world: AwxWorld, job: string, parameters: Record<string, Scalar>, why: RegExp) {
  const launch = launchOf(job, parameters);
  const before = await world.target.preflight?.(launch);
  assert.equal(before?.ok, false, 'the preflight says no');
  assert.match(before.reason, why);
  assert.ok(before.fix.length > 20);
  const error = await refused(world.target.launch(launch), 'target-refused');
  assert.equal(error.maybeApplied, false);
  assert.match(error.message, why);
  const requests = await world.faults.requests();
  assert.deepEqual(
    Object.keys(requests).filter((key) => key.startsWith('POST')),
    [],
    'nothing was sent',
  );
}

describe('A launch on AWX', () => {
  let world: AwxWorld;
  const start = async (changes: Partial<JobTemplate>, settings = {}) => {
    world = await awxWorld([template('Recycle pool', hello, changes)], { resolveSecret, ...settings });
    return world;
  };
  afterEach(() => world.close());

  for (const [field, value, flag] of [
    ['limit', 'web01', 'ask_limit_on_launch'],
    ['inventory', 1, 'ask_inventory_on_launch'],
    ['job_type', 'check', 'ask_job_type_on_launch'],
    ['verbosity', 2, 'ask_verbosity_on_launch'],
    ['diff_mode', true, 'ask_diff_mode_on_launch'],
    ['scm_branch', 'main', 'ask_scm_branch_on_launch'],
    ['job_tags', 'a', 'ask_tags_on_launch'],
    ['skip_tags', 'a', 'ask_skip_tags_on_launch'],
    ['credentials', '3,5', 'ask_credential_on_launch'],
    ['execution_environment', 1, 'ask_execution_environment_on_launch'],
    ['labels', '1', 'ask_labels_on_launch'],
    ['forks', 5, 'ask_forks_on_launch'],
    ['job_slice_count', 2, 'ask_job_slice_count_on_launch'],
    ['timeout', 60, 'ask_timeout_on_launch'],
    ['instance_groups', '1', 'ask_instance_groups_on_launch'],
  ] as const)
    it(`is refused when the template would ignore ${field}, and passes when it asks for it`, async () => {
      await start({});
      await refusedBoth(world, 'Recycle pool', { [`launch.${field}`]: value }, new RegExp(`ignore ${field}`));
      const before = await world.target.preflight?.(launchOf('Recycle pool', { [`launch.${field}`]: value }));
      assert.ok(before?.ok === false && before.fix.includes(flag));
      await world.close();
      const prompt = flag.replace(/^ask_|_on_launch$/g, '') as NonNullable<JobTemplate['asks']>[number];
      await start({ asks: ['variables', prompt] });
      const launch = launchOf('Recycle pool', { [`launch.${field}`]: value });
      assert.deepEqual(await world.target.preflight?.(launch), { ok: true });
      const { externalId } = await world.target.launch(launch);
      assert.equal((await ended(world.target, externalId)).state, 'succeeded');
    });

  it('sends the limit it was given, so that the job runs on that host alone', async () => {
    await start({ asks: ['variables', 'limit'], hosts: ['web01', 'web02'] });
    const { externalId } = await world.target.launch(launchOf('Recycle pool', { 'launch.limit': 'web02' }));
    assert.match((await ended(world.target, externalId)).detail, /^1 host done/);
  });

  it('is refused for a field that AWX would drop without a word', async () => {
    await start({});
    await refusedBoth(world, 'Recycle pool', { 'launch.host': 'web01' }, /no field host/);
  });

  it('is refused when the template takes no variables and asks for none, the execution id included', async () => {
    await start({ asks: [] });
    await refusedBoth(
      world,
      'Recycle pool',
      { pool: 'shop' },
      /ignore the variables pool, runbook_execution_id/,
    );
  });

  it('passes with a survey that asks for the execution id', async () => {
    await start({ asks: [], survey: [ours, { variable: 'pool', type: 'text', required: true }] });
    const launch = launchOf('Recycle pool', { pool: 'shop' });
    assert.deepEqual(await world.target.preflight?.(launch), { ok: true });
    const { externalId } = await world.target.launch(launch);
    assert.equal((await ended(world.target, externalId)).state, 'succeeded');
    await refusedBothAfter(world, { pool: 'shop', extra: 1 }, /ignore the variables extra/);
  });

  it('is refused when the survey would hide the execution id', async () => {
    await start({ asks: [], survey: [{ variable, type: 'password' }] });
    await refusedBoth(world, 'Recycle pool', {}, /hides runbook_execution_id/);
  });

  it('is refused when a parameter has the name of the execution id', async () => {
    await start({});
    await refusedBoth(world, 'Recycle pool', { [variable]: 'mine' }, /is no parameter/);
  });

  const questions: [what: string, question: object, bad: Scalar | undefined, good: Scalar, why: RegExp][] = [
    ['a required answer', { type: 'text', required: true }, undefined, 'a', /requires q/],
    ['text', { type: 'text' }, 7, '7', /wants text for q/],
    ['enough text', { type: 'textarea', min: 3 }, 'ab', 'abc', /at least 3 characters/],
    ['not too much text', { type: 'text', max: 3 }, 'abcd', '👍👍👍', /at most 3 characters/],
    ['a whole number', { type: 'integer' }, '7', 7, /a whole number/],
    ['a whole number without fraction', { type: 'integer' }, 1.5, 2, /a whole number/],
    ['a number in bounds', { type: 'integer', min: 1, max: 5 }, 6, 5, /at most 5/],
    ['a number', { type: 'float', min: 0.5 }, '1', 1, /wants a number/],
    ['a large number', { type: 'float', min: 0.5 }, 0.4, 0.5, /at least 0.5/],
    ['a choice', { type: 'multiplechoice', choices: ['a', 'b'] }, 'c', 'b', /one of a, b/],
    ['a choice of the right type', { type: 'multiplechoice', choices: ['1', '2'] }, 1, '1', /one of 1, 2/],
    ['choices', { type: 'multiselect', choices: ['a', 'b', 'c'] }, 'a,d', 'a, c', /one of a, b, c/],
  ];
  for (const [what, question, bad, good, why] of questions)
    it(`is refused when the survey wants ${what}, as AWX would refuse it, and passes with it`, async () => {
      await start({ survey: [{ variable: 'q', ...question } as NonNullable<JobTemplate['survey']>[number]] });
      await refusedBoth(world, 'Recycle pool', bad === undefined ? {} : { q: bad }, why);
      const raw = await rawLaunch(world, bad === undefined ? {} : { q: bad });
      assert.equal(raw, 400, 'AWX itself refuses it');
      const launch = launchOf('Recycle pool', { q: good });
      assert.deepEqual(await world.target.preflight?.(launch), { ok: true });
      await world.target.launch(launch);
    });

  it('is refused when AWX would show a secret, and masks it where the survey hides it', async () => {
    await start({});
    await refusedBoth(world, 'Recycle pool', { password: 'secret:DB_PASSWORD' }, /show the secret password/);
    await world.close();
    const seen: unknown[] = [];
    world = await awxWorld(
      [
        template(
          'Recycle pool',
          async (variables, log) => {
            seen.push(variables['password']);
            log(`with ${String(variables['password'])}`);
          },
          { survey: [{ variable: 'password', type: 'password' }] },
        ),
      ],
      { resolveSecret },
    );
    const { externalId } = await world.target.launch(
      launchOf('Recycle pool', { password: 'secret:DB_PASSWORD' }),
    );
    await ended(world.target, externalId);
    assert.deepEqual(seen, [secret]);
    assert.match((await world.target.log(externalId)).text, /with \*\*\*/);
  });

  it('is refused when somebody would have to type a password, or there is no inventory', async () => {
    await start({ passwordsNeeded: ['ssh_password'] });
    await refusedBoth(world, 'Recycle pool', {}, /type ssh_password/);
    await world.close();
    await start({ hosts: null });
    await refusedBoth(world, 'Recycle pool', {}, /no inventory/);
  });

  it('is refused by the preflight when our user may not start it, and by AWX', async () => {
    await start({ mayNotStart: true });
    const before = await world.target.preflight?.(launchOf('Recycle pool'));
    assert.ok(before?.ok === false && /may not start/.test(before.reason));
    const error = await refused(world.target.launch(launchOf('Recycle pool')), 'target-refused');
    assert.equal(error.maybeApplied, false);
    assert.match(error.message, /You do not have permission/);
  });

  it('says what AWX complains about, field by field', async () => {
    await start({ asks: ['variables', 'inventory'] });
    const error = await refused(
      world.target.launch(launchOf('Recycle pool', { 'launch.inventory': 99 })),
      'target-refused',
    );
    assert.match(error.message, /inventory: Invalid pk "99"/);
    assert.equal(error.maybeApplied, false);
  });

  for (const [status, code, maybeApplied] of [
    [200, 'target-refused', true],
    [302, 'target-refused', true],
    [400, 'target-refused', false],
    [401, 'target-refused', false],
    [404, 'target-refused', false],
    [405, 'target-refused', false],
    [429, 'target-refused', false],
    [500, 'target-unreachable', true],
    [502, 'target-unreachable', true],
    [504, 'target-unreachable', true],
  ] as const)
    it(`that is answered ${status} ${maybeApplied ? 'may have been applied' : 'was certainly not applied'}, and is sent once`, async () => {
      await start({});
      await world.faults.arm({ method: 'POST', status, times: 3 });
      const error = await refused(world.target.launch(launchOf('Recycle pool')), code);
      assert.equal(error.maybeApplied, maybeApplied);
      assert.equal((await world.faults.requests())['POST /api/v2/job_templates/:id/launch/'], 1);
    });

  for (const [what, body, code] of [
    ['a login page', '<html>Please sign in</html>', 'target-unreachable'],
    ['an id that is a path', '{"id":"../1","type":"job","status":"new"}', 'target-unreachable'],
    [
      'a job of another template',
      '{"id":5,"type":"job","status":"new","unified_job_template":99}',
      'target-refused',
    ],
  ] as const)
    it(`that is answered with ${what} may have been applied`, async () => {
      await start({});
      await world.faults.arm({ method: 'POST', status: 201, body });
      const error = await refused(world.target.launch(launchOf('Recycle pool')), code);
      assert.equal(error.maybeApplied, true);
      assert.doesNotMatch(error.message, /sign in/, 'the page is not quoted');
    });

  it('looks the name up again when the template has another one now', async () => {
    await start({});
    await world.target.launch(launchOf('Recycle pool'));
    const form = { survey_enabled: false, ask_variables_on_launch: false };
    const body = JSON.stringify({ ...form, job_template_data: { id: 8, name: 'Delete everything' } });
    await world.faults.arm({ method: 'GET', path: '/api/v2/job_templates/8/launch/', status: 200, body });
    await world.target.launch(launchOf('Recycle pool'));
    assert.equal((await world.faults.requests())['GET /api/v2/job_templates/'], 2);
  });

  it('is checked by the preflight against the survey of now', async () => {
    await start({ survey: [{ variable: 'q', type: 'text' }] });
    assert.deepEqual(await world.target.preflight?.(launchOf('Recycle pool')), { ok: true });
    const body = JSON.stringify({ spec: [{ variable: 'pool', type: 'text', required: true }] });
    await world.faults.arm({ path: '/api/v2/job_templates/8/survey_spec/', status: 200, body });
    const before = await world.target.preflight?.(launchOf('Recycle pool'));
    assert.ok(before?.ok === false && /requires pool/.test(before.reason));
  });

  it('asks one thing more than a bare client, once the name is known', async () => {
    await start({ survey: [{ variable: 'q', type: 'text' }] });
    await world.target.launch(launchOf('Recycle pool'));
    const first = await world.faults.requests();
    await world.target.launch(launchOf('Recycle pool'));
    const second = await world.faults.requests();
    const more = Object.entries(second).filter(([key, n]) => n !== first[key]);
    assert.deepEqual(more.map(([key]) => key).sort(), [
      'GET /api/v2/job_templates/:id/launch/',
      'POST /api/v2/job_templates/:id/launch/',
    ]);
  });

  it('that was preflighted asks one thing more than a client that looks up the name and launches', async () => {
    await start({});
    await world.target.health?.();
    const before = await world.faults.requests();
    const launch = launchOf('Recycle pool');
    assert.deepEqual(await world.target.preflight?.(launch), { ok: true });
    await world.target.launch(launch);
    const asked = Object.entries(await world.faults.requests()).filter(([key, n]) => n !== before[key]);
    assert.deepEqual(Object.fromEntries(asked), {
      'GET /api/v2/job_templates/': 1,
      'GET /api/v2/job_templates/:id/launch/': 1,
      'POST /api/v2/job_templates/:id/launch/': 1,
    });
  });

  it('believes a preflight once, and no longer than a minute', async () => {
    let at = 0;
    const key = 'GET /api/v2/job_templates/:id/launch/';
    await start({}, { now: () => at });
    const launch = launchOf('Recycle pool');
    await world.target.preflight?.(launch);
    at += 60_000;
    await world.target.launch(launch);
    assert.equal((await world.faults.requests())[key], 2);
    await world.target.preflight?.(launch);
    for (const _ of [1, 2]) await world.target.launch(launch);
    assert.equal((await world.faults.requests())[key], 4);
  });

  it('does not take the preflight of another run for its own', async () => {
    await start({});
    await world.target.preflight?.({ ...launchOf('Recycle pool'), runId: 'another' });
    await world.target.launch(launchOf('Recycle pool'));
    assert.equal((await world.faults.requests())['GET /api/v2/job_templates/:id/launch/'], 2);
  });

  it('never shows the token, whatever goes wrong', async () => {
    await start({});
    const body = JSON.stringify({ detail: `got Authorization: Bearer ${token}` });
    for (const status of [400, 401, 500])
      await world.faults.arm({
        method: 'POST',
        status,
        body,
        headers: { 'content-type': 'application/json' },
      });
    for (let n = 0; n < 3; n += 1) {
      const error = await world.target.launch(launchOf('Recycle pool')).catch((thrown: unknown) => thrown);
      assert.ok(
        error instanceof Error && !`${error.message}${error.stack}${JSON.stringify(error)}`.includes(token),
      );
    }
  });
});

async function refusedBothAfter(world: AwxWorld, parameters: Record<string, Scalar>, why: RegExp) {
  const error = await refused(world.target.launch(launchOf('Recycle pool', parameters)), 'target-refused');
  assert.match(error.message, why);
}

/** What AWX says to a launch that nobody checked. */
async function rawLaunch(world: AwxWorld, variables: object): Promise<number> {
  const answer = await fetch(`${world.url}/api/v2/job_templates/8/launch/`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ extra_vars: variables }),
  });
  return answer.status;
}

describe('The name of a template', () => {
  let world: AwxWorld;
  before(async () => {
    world = await awxWorld(
      [
        template('Recycle pool', hello, { organization: 'Web' }),
        template('Recycle pool', untilCancelled, { organization: 'Mail' }),
        template('Alone', hello),
      ],
      {},
      {
        workflowTemplates: [
          { name: 'Alone', asks: ['variables'], nodes: [{ identifier: 'a', template: 'Alone' }] },
        ],
      },
    );
  });
  after(() => world.close());

  for (const [job, id] of [
    ['Alone', /^job-/],
    ['job:Alone', /^job-/],
    ['job:10', /^job-/],
    ['10', /^job-/],
    ['job:Recycle pool++Web', /^job-/],
    ['workflow:Alone', /^workflow_job-/],
    ['workflow:11', /^workflow_job-/],
  ] as const)
    it(`${job} is launched`, async () => {
      const { externalId } = await world.target.launch(launchOf(job));
      assert.match(externalId, id);
      assert.equal((await ended(world.target, externalId)).state, 'succeeded');
    });

  for (const [job, why] of [
    ['job:Recycle pool', /has 2 job template/],
    ['job:Recycle pool++Nobody', /has no job template/],
    ['workflow:Recycle pool', /has no workflow job template/],
    ['job:999', /404/],
    ['workflow:10', /404/],
    ['job:', /names no template/],
    ['a++b++c', /names no template/],
  ] as const)
    it(`${job} is refused`, async () => {
      const launch = launchOf(job);
      const error = await refused(world.target.launch(launch), 'target-refused');
      assert.match(error.message, why);
      assert.equal(error.maybeApplied, false);
      const before = await world.target.preflight?.(launch);
      assert.ok(before?.ok === false && why.test(before.reason));
    });

  it('is not believed when AWX ignored the query and shows other templates', async () => {
    const body = JSON.stringify({ count: 1, next: null, results: [{ id: 8, name: 'Another' }] });
    await world.faults.arm({ path: '/api/v2/job_templates/', status: 200, body });
    await refused(awxTarget(quick(world.url)).launch(launchOf('Not here')), 'target-refused');
  });
});
