import assert from 'node:assert/strict';
import { rundeckTarget } from '../../../src/adapters/automation/rundeck.ts';
import type { Scalar } from '../../../src/domain/runbook.ts';
import type { JobOption, RundeckJob } from '../../../src/sandbox/rundeck/jobs.ts';
import { ended, launchOf, refused } from '../../contract/target.ts';
import {
  hello,
  job,
  option,
  quick,
  type RundeckWorld,
  rundeckWorld,
  token,
  untilAborted,
} from './rundeck-world.ts';

const secret = 'pa55 "word"';
const resolveSecret = (name: string) => Promise.resolve(name === 'DB_PASSWORD' ? secret : undefined);
const name = 'ops/Recycle';

let world: RundeckWorld;
const start = async (changes: Partial<RundeckJob> = {}, settings = {}) => {
  world = await rundeckWorld([job('Recycle', hello, changes)], { resolveSecret, ...settings });
};
const takes = (options: readonly JobOption[]) => start({ options });

async function sentNothing() {
  const requests = Object.keys(await world.faults.requests());
  assert.deepEqual(
    requests.filter((key) => key.startsWith('POST')),
    [],
    'nothing was sent',
  );
}

/** Does the preflight say no, with this reason; and does a launch say the same and send nothing? */
async function refusedBoth(parameters: Record<string, Scalar>, why: RegExp, which = name) {
  const launch = launchOf(which, parameters);
  const before = await world.target.preflight?.(launch);
  assert.equal(before?.ok, false, 'the preflight says no');
  assert.match(before.reason, why);
  assert.ok(before.fix.length > 20);
  const error = await refused(world.target.launch(launch), 'target-refused');
  assert.equal(error.maybeApplied, false);
  assert.match(error.message, why);
  await sentNothing();
}

async function taken(parameters: Record<string, Scalar>) {
  const launch = launchOf(name, parameters);
  assert.deepEqual(await world.target.preflight?.(launch), { ok: true });
  const { externalId } = await world.target.launch(launch);
  assert.equal((await ended(world.target, externalId)).state, 'succeeded');
  return externalId;
}

/** What Rundeck says to a launch that nobody checked. */
async function rawRun(options: object): Promise<number> {
  const uuid = (await world.call('GET', '/project/ops/jobs')).json as unknown as { id: string }[];
  return (await world.call('POST', `/job/${uuid[0]?.id}/run`, { options })).status;
}

describe('A launch on Rundeck', () => {
  afterEach(() => world.close());

  const wrong: [what: string, option: object, bad: Scalar | undefined, good: Scalar, why: RegExp][] = [
    ['a required option', { required: true }, undefined, 'a', /requires the option q/],
    ['a required option that is not empty', { required: true }, '', 'a', /requires the option q/],
    ['one of the allowed values', { enforced: true, values: ['a', 'b'] }, 'c', 'b', /takes only a, b/],
    [
      'allowed values only',
      { enforced: true, multivalued: true, delimiter: ';', values: ['a', 'b'] },
      'a;c',
      'a;b',
      /takes only a, b/,
    ],
    ['what matches wholly', { regex: '[a-z]+' }, 'abc1', 'abc', /has to match \[a-z\]\+/],
    [
      'several that each match',
      { multivalued: true, delimiter: ',', regex: '\\d' },
      '1,22',
      '1,2',
      /has to match/,
    ],
  ];
  for (const [what, one, bad, good, why] of wrong)
    it(`is refused when the job wants ${what}, as Rundeck would refuse it, and passes with it`, async () => {
      await takes([{ name: 'q', ...one }]);
      const parameters: Record<string, Scalar> = bad === undefined ? {} : { q: bad };
      await refusedBoth(parameters, why);
      assert.equal(await rawRun(parameters), 400, 'Rundeck itself refuses it');
      await taken({ q: good });
    });

  it('is refused for a parameter that the job does not define, which Rundeck would take in silence', async () => {
    await takes([{ name: 'pool' }]);
    await refusedBoth({ pool: 'shop', host: 'web01' }, /no option host/);
    assert.equal(await rawRun({ host: 'web01' }), 200, 'Rundeck itself takes it');
  });

  it('leaves a value to Rundeck that only Java can match', async () => {
    await takes([{ name: 'q', regex: '(?!root)[a-z]+' }]);
    await taken({ q: 'shop' });
    const error = await refused(world.target.launch(launchOf(name, { q: 'root' })), 'target-refused');
    assert.match(error.message, /doesn't match regular expression/);
    assert.equal(error.maybeApplied, false);
  });

  it('gives numbers and truth values as text, and has the defaults of the job', async () => {
    const seen: object[] = [];
    world = await rundeckWorld([
      job('Recycle', async (options) => void seen.push({ ...options }), {
        options: [{ name: 'n' }, { name: 'b' }, { name: 'd', required: true, value: 'the default' }],
      }),
    ]);
    const launch = launchOf(name, { n: 7, b: true });
    const { externalId } = await world.target.launch(launch);
    await ended(world.target, externalId);
    assert.deepEqual(seen[0], { n: '7', b: 'true', d: 'the default', [option]: launch.executionId });
  });

  it('takes a required secure option whose default is in the key storage', async () => {
    await takes([{ name: 'key', required: true, secure: true, storagePath: 'keys/db' }]);
    await taken({});
  });

  it('is refused for a value that Rundeck would replace', async () => {
    await takes([{ name: 'q' }]);
    await refusedBoth({ q: `day \${DATE:yyyy-MM-dd}` }, /DATE.* replaced by Rundeck/);
    await taken({ q: `costs \${5}` });
  });

  it('is refused when the job wants a file', async () => {
    await takes([{ name: 'q', type: 'file' }]);
    await refusedBoth({ q: 'a.txt' }, /wants a file/);
  });

  for (const [what, changes, why] of [
    ['its executions are disabled', { executionEnabled: false }, /executions of the job are disabled/],
    ['somebody has to select its nodes', { nodesSelectedByDefault: false }, /select its nodes by hand/],
    ['no node at all would be a success', { successOnEmptyNodeFilter: true }, /no node matches/],
  ] as const)
    it(`is refused when ${what}`, async () => {
      await start(changes);
      await refusedBoth({}, why);
    });

  it('is refused when Rundeck would show a secret, and gives it to a secure option', async () => {
    await takes([{ name: 'password' }]);
    await refusedBoth({ password: 'secret:DB_PASSWORD' }, /show the secret password/);
    await world.close();
    const seen: unknown[] = [];
    world = await rundeckWorld(
      [
        job(
          'Recycle',
          async (options, log) => {
            seen.push(options['password']);
            log(`with ${options['password']}`);
          },
          { options: [{ name: 'password', secure: true, valueExposed: true }] },
        ),
      ],
      { resolveSecret },
    );
    const externalId = await taken({ password: 'secret:DB_PASSWORD' });
    assert.deepEqual(seen, [secret]);
    assert.match((await world.target.log(externalId)).text, /with \*\*\*/);
    const shown = JSON.stringify((await world.call('GET', `/execution/${externalId}`)).json);
    assert.ok(!shown.includes('pa55'), 'Rundeck does not keep it');
  });

  it('is refused when a secret is not set, and nothing is asked of Rundeck', async () => {
    await takes([{ name: 'password', secure: true }]);
    await refused(world.target.launch(launchOf(name, { password: 'secret:OTHER_NAME' })), 'config-invalid');
    assert.deepEqual(await world.faults.requests(), {});
  });

  for (const [what, own, why] of [
    ['hides', { secure: true }, /hides the option/],
    ['limits', { enforced: true, values: ['a'] }, /takes only a/],
    ['matches', { regex: '\\d+' }, /has to match/],
  ] as const)
    it(`is refused when the job ${what} the option of the execution id`, async () => {
      await takes([{ name: option, ...own }]);
      await refusedBoth({}, why);
    });

  it('passes when the job defines the option of the execution id, under the name of the settings', async () => {
    await start(
      { options: [{ name: 'run', required: true, regex: '[0-9a-f-]{36}' }] },
      { executionOption: 'run' },
    );
    await taken({});
    await refusedBothAfter({ run: 'mine' }, /is no parameter/);
  });

  for (const [status, code, maybeApplied] of [
    [201, 'target-refused', true],
    [302, 'target-refused', true],
    [400, 'target-refused', false],
    [401, 'target-refused', false],
    [403, 'target-refused', false],
    [404, 'target-refused', false],
    [409, 'target-refused', true],
    [429, 'target-refused', false],
    [500, 'target-unreachable', true],
    [502, 'target-unreachable', true],
    [504, 'target-unreachable', true],
  ] as const)
    it(`that is answered ${status} ${maybeApplied ? 'may have been applied' : 'was certainly not applied'}, and is sent once`, async () => {
      await start();
      await world.faults.arm({ method: 'POST', status, times: 3 });
      const error = await refused(world.target.launch(launchOf(name)), code);
      assert.equal(error.maybeApplied, maybeApplied);
      assert.equal((await world.faults.requests())['POST /api/:v/job/:id/run'], 1);
    });

  for (const [status, errorCode, fix] of [
    [409, 'api.error.execution.conflict', /other execution .* is over/],
    [400, 'api.error.job.disabled', /Enable executions/],
    [400, 'api.error.job.options-invalid', /Correct the values/],
    [403, 'api.error.item.unauthorized', /roles of the token/],
    [403, 'unauthorized', /new API token/],
    [500, 'api.error.execution.failed', /did not start the job/],
    [500, 'api.error.execution.error', /did not start the job/],
  ] as const)
    it(`that Rundeck refuses with ${errorCode} and ${status} was certainly not applied, and says what to do`, async () => {
      await start();
      const body = JSON.stringify({ error: true, apiversion: 59, errorCode, message: `because of ${token}` });
      await world.faults.arm({ method: 'POST', status, body });
      const error = await refused(world.target.launch(launchOf(name)), 'target-refused');
      assert.equal(error.maybeApplied, false);
      assert.match(error.fix, fix);
      assert.match(error.message, /because of \*\*\*/);
    });

  it('waits for nobody: a second execution of a job that runs alone is refused and may be tried later', async () => {
    await start({ script: untilAborted, multipleExecutions: false });
    const { externalId } = await world.target.launch(launchOf(name));
    const error = await refused(world.target.launch(launchOf(name)), 'target-refused');
    assert.match(error.message, /Limit of running executions/);
    assert.deepEqual([error.maybeApplied, error.retryable], [false, true]);
    await world.target.cancel(externalId);
  });

  it('is refused in passive mode', async () => {
    await start();
    world.disturb({ passive: true });
    const error = await refused(world.target.launch(launchOf(name)), 'target-refused');
    assert.equal(error.maybeApplied, false);
    assert.match(error.fix, /passive mode/);
  });

  it('is refused when the token may not run the job', async () => {
    await start({ mayNotRun: true });
    const error = await refused(world.target.launch(launchOf(name)), 'target-refused');
    assert.match(error.fix, /run and kill/);
  });

  it('is refused when the token has expired, by preflight and launch', async () => {
    await start();
    const target = rundeckTarget(quick(world.url, { token: 'expired-token' }));
    const error = await refused(target.launch(launchOf(name)), 'target-refused');
    assert.match(error.fix, /new API token .* expired/);
    assert.ok(!error.message.includes('expired-token'), 'the token is not quoted');
    const before = await target.preflight?.(launchOf(name));
    assert.ok(before?.ok === false && /not authorized/.test(before.reason));
  });

  it('is refused when Rundeck is older than the API asked for', async () => {
    world = await rundeckWorld([job('Recycle', hello)], {}, { apiVersion: 41 });
    const error = await refused(world.target.launch(launchOf(name)), 'target-refused');
    assert.match(error.message, /Unsupported API Version "44".*Maximum supported version: 41/);
    assert.match(error.fix, /Upgrade the Rundeck/);
  });

  for (const [what, body, code] of [
    ['a login page', '<html>Please sign in</html>', 'target-unreachable'],
    ['an id that is a path', '{"id":"../1","status":"running"}', 'target-unreachable'],
    [
      'an execution of another job',
      '{"id":5,"status":"running","job":{"id":"other","options":{}}}',
      'target-refused',
    ],
    ['an execution of no job', '{"id":5,"status":"running"}', 'target-refused'],
  ] as const)
    it(`that is answered with ${what} may have been applied`, async () => {
      await start();
      await world.faults.arm({ method: 'POST', status: 200, body });
      const error = await refused(world.target.launch(launchOf(name)), code);
      assert.equal(error.maybeApplied, true);
      assert.doesNotMatch(error.message, /sign in/, 'the page is not quoted');
    });

  it('that is answered with our job and not with our execution id may have been applied', async () => {
    await start({ uuid: 'recycle' });
    const body = JSON.stringify({
      id: 5,
      status: 'running',
      job: { id: 'recycle', options: { [option]: 'x' } },
    });
    await world.faults.arm({ method: 'POST', status: 200, body });
    const error = await refused(world.target.launch(launchOf(name)), 'target-refused');
    assert.equal(error.maybeApplied, true);
  });

  it('that is answered with our execution id and another job may have been applied', async () => {
    await start({ uuid: 'recycle' });
    const launch = launchOf(name);
    const body = JSON.stringify({
      id: 5,
      status: 'running',
      job: { id: 'delete-everything', options: { [option]: launch.executionId } },
    });
    await world.faults.arm({ method: 'POST', status: 200, body });
    const error = await refused(world.target.launch(launch), 'target-refused');
    assert.equal(error.maybeApplied, true);
  });

  it('is checked by the preflight against the name of now', async () => {
    await start();
    assert.deepEqual(await world.target.preflight?.(launchOf(name)), { ok: true });
    await world.faults.arm({ path: '/api/44/project/ops/jobs', status: 200, body: '[]' });
    const before = await world.target.preflight?.(launchOf(name));
    assert.ok(before?.ok === false && /has no job/.test(before.reason));
  });

  it('asks one thing more than a bare client, once the name is known', async () => {
    await start();
    await world.target.launch(launchOf(name));
    const first = await world.faults.requests();
    await world.target.launch(launchOf(name));
    const second = await world.faults.requests();
    const more = Object.keys(second).filter((key) => second[key] !== first[key]);
    assert.deepEqual(more.sort(), ['GET /api/:v/job/:id', 'POST /api/:v/job/:id/run']);
  });

  it('that was preflighted asks one thing more than a client that looks up the name and runs it', async () => {
    await start();
    const launch = launchOf(name);
    assert.deepEqual(await world.target.preflight?.(launch), { ok: true });
    await world.target.launch(launch);
    const requests = await world.faults.requests();
    assert.equal(requests['GET /api/:v/job/:id'], 1);
    assert.equal(
      Object.values(requests).reduce((sum, n) => sum + n, 0),
      3,
    );
  });

  it('has to have an API that tells the options of jobs', () => {
    assert.throws(() => rundeckTarget(quick('http://127.0.0.1:1', { apiVersion: 43 })), {
      code: 'config-invalid',
    });
  });
});

async function refusedBothAfter(parameters: Record<string, Scalar>, why: RegExp) {
  const error = await refused(world.target.launch(launchOf(name, parameters)), 'target-refused');
  assert.match(error.message, why);
}
