import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { pythonFor } from '../../fakes/python.ts';
import {
  hello,
  type JenkinsServer,
  jenkins,
  job,
  password,
  token,
  untilStopped,
  user,
} from './jenkins-world.ts';

const run = promisify(execFile);
let python = '';

/** Runs lines of Python with `server` signed in; what they leave in `told` comes back. */
async function say(server: JenkinsServer, secret: string, lines: string): Promise<unknown> {
  const script = [
    'import json, sys, time, jenkins',
    'server = jenkins.Jenkins(sys.argv[1], username=sys.argv[2], password=sys.argv[3], timeout=20)',
    'def until(look):',
    '    for _ in range(500):',
    '        seen = look()',
    '        if seen: return seen',
    '        time.sleep(0.02)',
    '    raise RuntimeError("it did not happen")',
    lines,
    'print(json.dumps(told))',
  ].join('\n');
  const { stdout } = await run(python, ['-W', 'ignore', '-c', script, server.url, user, secret], {
    timeout: 60_000,
  });
  return JSON.parse(stdout) as unknown;
}

/**
 * python-jenkins itself, where it is installed (Debian: python3-jenkins; elsewhere set JENKINS_PYTHON and PYTHONPATH).
 * clients.test.ts repeats what another client sends for everybody else.
 */
describe('python-jenkins against the simulated Jenkins', () => {
  let server: JenkinsServer;
  before(async function () {
    const imports = 'import jenkins, requests; jenkins.Jenkins';
    const found = await pythonFor(imports, process.env['JENKINS_PYTHON']);
    if ('python' in found) {
      python = found.python;
      return;
    }
    console.log(`    SKIPPED: python-jenkins cannot be used: ${found.missing}`);
    this.skip();
  });
  beforeEach(async () => {
    server = await jenkins([
      job('team/app/recycle', hello),
      job('wait', untilStopped),
      job('classic', hello, { kind: 'freestyle', parameters: [] }),
    ]);
  });
  afterEach(() => server?.close());

  for (const [how, secret] of [
    ['an API token', token],
    ['a password and a crumb', password],
  ] as const)
    it(`starts a build in a folder, follows it and reads its log, with ${how}`, async () => {
      const told = await say(
        server,
        secret,
        `
item = server.build_job('team/app/recycle', {'pool': 'shop', 'EXECUTION_ID': 'e-1'})
number = until(lambda: (server.get_queue_item(item).get('executable') or {}).get('number'))
until(lambda: not server.get_build_info('team/app/recycle', number)['building'])
info = server.get_build_info('team/app/recycle', number)
given = [p for a in info['actions'] for p in a.get('parameters', [])]
told = [info['result'], info['queueId'] == item, given[1]['value'], server.get_build_console_output('team/app/recycle', number)]`,
      );
      const [result, ours, pool, log] = told as [string, boolean, string, string];
      assert.deepEqual([result, ours, pool], ['SUCCESS', true, 'shop']);
      assert.match(log, /hello from the job/);
    });

  it('lists jobs through folders, and knows who it is and which version it talks to', async () => {
    const told = await say(
      server,
      token,
      `told = [sorted(job['fullname'] for job in server.get_all_jobs()), server.get_whoami()['id'], server.get_version(),
  server.job_exists('team/app/recycle'), server.job_exists('team/nothing'), server.is_folder('team'), server.jobs_count(),
  server.get_info()['mode'], server.get_job_info('classic')['_class']]`,
    );
    const all = ['classic', 'team', 'team/app', 'team/app/recycle', 'wait'];
    const version = (told as string[])[2] ?? '';
    assert.match(version, /^2\./);
    assert.deepEqual(told, [
      all,
      user,
      version,
      true,
      null,
      true,
      5,
      'NORMAL',
      'hudson.model.FreeStyleProject',
    ]);
  });

  it('starts a job without parameters, stops a build, cancels in the queue', async () => {
    const told = await say(
      server,
      token,
      `
server.build_job('classic')
until(lambda: server.get_job_info('classic')['lastSuccessfulBuild'])
server.build_job('wait', {'pool': 'a'})
until(lambda: server.get_job_info('wait')['lastBuild'])
server.stop_build('wait', 1)
until(lambda: not server.get_build_info('wait', 1)['building'])
server.quiet_down()
item = server.build_job('wait', {'pool': 'b'})
queued = [one['id'] for one in server.get_queue_info()]
try:
    server.cancel_queue(item)
except jenkins.EmptyResponseException:
    pass  # 204 without a length: the client takes that for an error, here as with the real one
told = [server.get_build_info('wait', 1)['result'], queued == [item], server.get_queue_info()]`,
    );
    assert.deepEqual(told, ['ABORTED', true, []]);
  });

  it('disables and enables a job, and reads more than a hundred builds', async () => {
    for (let n = 0; n < 103; n += 1) await server.call('POST', '/job/classic/build');
    const told = await say(
      server,
      token,
      `
server.disable_job('wait')
off = server.get_job_info('wait')['buildable']
server.enable_job('wait')
until(lambda: server.get_job_info('classic')['lastBuild'] and not server.get_queue_info())
info = server.get_job_info('classic', fetch_all_builds=True)
told = [off, server.get_job_info('wait')['buildable'], len(info['builds']) == info['nextBuildNumber'] - 1]`,
    );
    assert.deepEqual(told, [false, true, true]);
  });

  it('is told who is not let in, and what is not there', async () => {
    const told = await say(
      server,
      'guess',
      `
told = []
for ask in (lambda: server.get_whoami(), lambda: server.build_job('wait', {'pool': 'a'})):
    try:
        ask()
    except jenkins.JenkinsException as e:
        told.append('[401]' in str(e))
`,
    );
    assert.deepEqual(told, [true, true]);
    const missing = await say(
      server,
      token,
      `
told = []
try:
    server.get_job_info('nothing')
except jenkins.JenkinsException as e:
    told.append(str(e))
`,
    );
    assert.deepEqual(missing, ['job[nothing] does not exist']);
  });
});
