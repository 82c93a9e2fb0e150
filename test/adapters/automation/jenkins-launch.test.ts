import assert from 'node:assert/strict';
import type { Scalar } from '../../../src/domain/runbook.ts';
import type { JobDefinition, ParameterDefinition } from '../../../src/sandbox/jenkins/definitions.ts';
import { ended, launchOf, refused } from '../../contract/target.ts';
import { executionId, hello, type JenkinsWorld, jenkinsWorld, job, token } from './jenkins-world.ts';

const secret = 'pa55 "word"';
const resolveSecret = (name: string) => Promise.resolve(name === 'DB_PASSWORD' ? secret : undefined);
const posts = async (world: JenkinsWorld) =>
  Object.entries(await world.faults.requests()).filter(([key]) => key.startsWith('POST'));

/** Does the preflight say no, with this reason; and does a launch say the same and send nothing? */
async function refusedBoth(
  world: JenkinsWorld,
  parameters: Record<string, Scalar>,
  why: RegExp,
  name = 'recycle',
) {
  const launch = launchOf(name, parameters);
  const before = await world.target.preflight?.(launch);
  assert.equal(before?.ok, false, 'the preflight says no');
  assert.match(before.reason, why);
  assert.ok(before.fix.length > 20);
  const error = await refused(world.target.launch(launch), 'target-refused');
  assert.equal(error.maybeApplied, false);
  assert.match(error.message, why);
  assert.deepEqual(await posts(world), [], 'nothing was sent');
}

describe('A launch on Jenkins', () => {
  let world: JenkinsWorld;
  const start = async (changes: Partial<JobDefinition> = {}, settings = {}) => {
    world = await jenkinsWorld([job('recycle', hello, changes)], { resolveSecret, ...settings });
    return world;
  };
  const withParameter = (...parameters: ParameterDefinition[]) =>
    start({ parameters: [executionId, ...parameters] });
  afterEach(() => world.close());

  it('is refused when Jenkins would drop a parameter, and passes when the job defines it', async () => {
    await start();
    await refusedBoth(world, { pool: 'shop', host: 'web01' }, /drop host, which the job does not define/);
    const launch = launchOf('recycle', { pool: 'shop' });
    assert.deepEqual(await world.target.preflight?.(launch), { ok: true });
    const { externalId } = await world.target.launch(launch);
    assert.equal((await ended(world.target, externalId)).state, 'succeeded');
  });

  for (const [what, parameters] of [
    ['does not define the execution id', [{ name: 'pool', type: 'String' }]],
    ['hides the execution id', [{ name: 'EXECUTION_ID', type: 'Password' }]],
    ['takes the execution id as a choice', [{ name: 'EXECUTION_ID', type: 'Choice', choices: ['a'] }]],
    ['has no parameters', []],
  ] as const)
    it(`is refused when the job ${what}`, async () => {
      await start({ parameters });
      await refusedBoth(world, {}, /no string parameter EXECUTION_ID/);
    });

  it('carries the execution id in the parameter that is configured', async () => {
    const ours = { name: 'RUN', type: 'String' };
    await start({ parameters: [ours] }, { executionParameter: 'RUN' });
    const launch = launchOf('recycle');
    const { externalId } = await world.target.launch(launch);
    await ended(world.target, externalId);
    assert.equal((await world.restarted().find(launch.executionId))?.externalId, externalId);
  });

  it('is refused when a parameter has the name of the execution id, or one that Jenkins takes for something else', async () => {
    await start();
    await refusedBoth(world, { EXECUTION_ID: 'mine' }, /is no parameter/);
    await refusedBoth(world, { delay: '9999sec' }, /delay means something else to Jenkins/);
  });

  const fits: [what: string, definition: object, bad: Scalar | undefined, good: Scalar, why: RegExp][] = [
    ['a choice', { type: 'Choice', choices: ['a', 'b'] }, 'c', 'b', /one of a, b for q/],
    ['true or false', { type: 'Boolean' }, 'yes', true, /true or false for q/],
    ['true or false in this spelling', { type: 'Boolean' }, 'TRUE', 'false', /true or false for q/],
    ['text', { type: 'Text' }, undefined, 'two\nlines & more', /never/],
    ['a number as text', { type: 'String' }, undefined, 7.5, /never/],
  ];
  for (const [what, definition, bad, good, why] of fits)
    it(`is as the job wants it: ${what}`, async () => {
      const seen: unknown[] = [];
      const parameter = { name: 'q', ...definition } as ParameterDefinition;
      world = await jenkinsWorld([
        job('recycle', async (parameters) => void seen.push(parameters['q']), {
          parameters: [executionId, parameter],
        }),
      ]);
      if (bad !== undefined) await refusedBoth(world, { q: bad }, why);
      const launch = launchOf('recycle', { q: good });
      assert.deepEqual(await world.target.preflight?.(launch), { ok: true });
      const { externalId } = await world.target.launch(launch);
      await ended(world.target, externalId);
      assert.deepEqual(seen.map(String), [String(good)]);
    });

  it('is refused for a parameter of a kind nobody can judge', async () => {
    await withParameter({ name: 'artefact', type: 'File' });
    await refusedBoth(
      world,
      { artefact: 'a.zip' },
      /what Jenkins makes of artefact, which is a FileParameterDefinition/,
    );
  });

  it('is refused when Jenkins would show a secret, and hides it in a password parameter', async () => {
    await start();
    await refusedBoth(world, { pool: 'secret:DB_PASSWORD' }, /show the secret pool/);
    await world.close();
    const seen: unknown[] = [];
    const password = { name: 'password', type: 'Password' };
    world = await jenkinsWorld(
      [
        job(
          'recycle',
          async (parameters, log) => {
            seen.push(parameters['password']);
            log(`with ${String(parameters['password'])}`);
          },
          { parameters: [executionId, password] },
        ),
      ],
      { resolveSecret },
    );
    const { externalId } = await world.target.launch(launchOf('recycle', { password: 'secret:DB_PASSWORD' }));
    await ended(world.target, externalId);
    assert.deepEqual(seen, [secret]);
    assert.match((await world.target.log(externalId)).text, /with \*\*\*/);
  });

  it('is refused when the job is disabled; and by Jenkins when that happened just now', async () => {
    await start({ disabled: true });
    await refusedBoth(world, {}, /it is disabled/);
    const form = JSON.stringify({
      buildable: true,
      property: [{ parameterDefinitions: [{ name: 'EXECUTION_ID', type: 'StringParameterDefinition' }] }],
    });
    await world.faults.arm({ path: '/job/recycle/api/json', status: 200, body: form });
    const error = await refused(world.target.launch(launchOf('recycle')), 'target-refused');
    assert.deepEqual([error.maybeApplied, error.retryable], [false, false]);
    assert.match(error.message, /cannot build job recycle: it is disabled/);
  });

  it('is refused for a folder', async () => {
    world = await jenkinsWorld([job('team/app/recycle', hello)]);
    await refusedBoth(world, {}, /no job that can be built \(Folder\)/, 'team/app');
  });

  it('tells which permission is missing', async () => {
    await start({ mayNotBuild: true });
    const error = await refused(world.target.launch(launchOf('recycle')), 'target-refused');
    assert.equal(error.maybeApplied, false);
    assert.match(error.message, /lacks the permission hudson\.model\.Item\.Build for job recycle/);
  });

  it('was certainly not queued when something in Jenkins said no', async () => {
    await start({ vetoed: true });
    const error = await refused(world.target.launch(launchOf('recycle')), 'target-refused');
    assert.deepEqual([error.maybeApplied, error.retryable], [false, false]);
    assert.match(error.message, /no build of job recycle into its queue/);
  });

  it('may have been applied when something else sent us back to a page', async () => {
    await start();
    await world.faults.arm({
      method: 'POST',
      status: 302,
      headers: { location: 'http://127.0.0.1:9/job/recycle/.' },
    });
    const error = await refused(world.target.launch(launchOf('recycle')), 'target-refused');
    assert.equal(error.maybeApplied, true);
  });

  it('is not judged by a page of something else', async () => {
    await start();
    await world.faults.arm({ path: '/job/recycle/api/json', status: 404 });
    const before = await world.target.preflight?.(launchOf('recycle'));
    assert.ok(
      before?.ok === false && /answered 404 for job recycle/.test(before.reason),
      JSON.stringify(before),
    );
  });

  it('is not called unfit by the preflight when Jenkins cannot be asked', async () => {
    await start();
    world.disturb({ starting: true });
    const asked = world.target.preflight?.(launchOf('recycle'));
    assert.ok(asked);
    assert.equal((await refused(asked, 'target-unreachable')).retryable, true);
  });

  it('skips the quiet period', async () => {
    world = await jenkinsWorld([job('recycle', hello)], {}, { quietMs: 600_000 });
    const { externalId } = await world.target.launch(launchOf('recycle'));
    assert.equal((await ended(world.target, externalId)).state, 'succeeded');
  });

  it('asks one thing more than a bare client', async () => {
    await start();
    await world.target.launch(launchOf('recycle', { pool: 'shop' }));
    assert.deepEqual(await world.faults.requests(), {
      'GET /job/recycle/api/json': 1,
      'POST /job/recycle/buildWithParameters': 1,
    });
  });

  it('that was preflighted asks no more than that, and once', async () => {
    await start();
    const launch = launchOf('recycle', { pool: 'shop' });
    assert.deepEqual(await world.target.preflight?.(launch), { ok: true });
    await world.target.launch(launch);
    assert.deepEqual(await world.faults.requests(), {
      'GET /job/recycle/api/json': 1,
      'POST /job/recycle/buildWithParameters': 1,
    });
    await world.target.launch(launchOf('recycle', { pool: 'shop' }));
    assert.equal((await world.faults.requests())['GET /job/recycle/api/json'], 2);
  });

  for (const [status, code, maybeApplied] of [
    [200, 'target-refused', true],
    [302, 'target-refused', true],
    [400, 'target-refused', false],
    [401, 'target-refused', false],
    [403, 'target-refused', false],
    [404, 'target-refused', false],
    [405, 'target-refused', false],
    [409, 'target-refused', true],
    [429, 'target-refused', false],
    [500, 'target-unreachable', true],
    [502, 'target-unreachable', true],
    [504, 'target-unreachable', true],
  ] as const)
    it(`that is answered ${status} ${maybeApplied ? 'may have been applied' : 'was certainly not applied'}, and is sent once`, async () => {
      await start();
      await world.faults.arm({ method: 'POST', status, times: 3, body: '<h1>Please sign in</h1>' });
      const error = await refused(world.target.launch(launchOf('recycle')), code);
      assert.equal(error.maybeApplied, maybeApplied);
      assert.doesNotMatch(error.message, /sign in/, 'the page is not quoted');
      assert.deepEqual(await posts(world), [['POST /job/recycle/buildWithParameters', 1]]);
    });

  it('that is answered 201 by something else than Jenkins, or without an address, may have been applied', async () => {
    await start();
    const location = 'http://127.0.0.1:9/queue/item/1/';
    const before = { method: 'POST', status: 201 };
    await world.faults.arm({ ...before, headers: { location } });
    assert.equal(
      (await refused(world.target.launch(launchOf('recycle')), 'target-refused')).maybeApplied,
      true,
    );
    await world.faults.arm({
      ...before,
      headers: { 'x-jenkins': '2.516.3', location: 'http://127.0.0.1:9/login' },
    });
    const error = await refused(world.target.launch(launchOf('recycle')), 'target-refused');
    assert.equal(error.maybeApplied, true);
    assert.match(error.message, /without saying where/);
  });

  it('never follows the address of the answer, which may name another host', async () => {
    world = await jenkinsWorld([job('recycle', hello)], {}, { reportedUrl: 'http://127.0.0.1:9/inner' });
    const { externalId } = await world.target.launch(launchOf('recycle'));
    assert.match(externalId, /^queue\/1\//);
    assert.equal((await ended(world.target, externalId)).state, 'succeeded');
  });

  it('never shows the token, whatever goes wrong', async () => {
    await start();
    const headers = {
      'x-jenkins': '2.516.3',
      'x-error': `got ${token}`,
      'x-required-permission': 'Job/Build',
    };
    for (const status of [400, 401, 403, 500])
      await world.faults.arm({ method: 'POST', status, headers, body: token });
    for (let n = 0; n < 4; n += 1) {
      const error = await world.target.launch(launchOf('recycle')).catch((thrown: unknown) => thrown);
      assert.ok(
        error instanceof Error && !`${error.message}${error.stack}${JSON.stringify(error)}`.includes(token),
      );
    }
  });
});
