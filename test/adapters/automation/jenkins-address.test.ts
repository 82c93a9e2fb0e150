import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import { createServer as createSecure } from 'node:https';
import type { AddressInfo } from 'node:net';
import { jenkinsTarget } from '../../../src/adapters/automation/jenkins.ts';
import { ended, launchOf, refused } from '../../contract/target.ts';
import { password } from '../../sandbox/jenkins/jenkins-world.ts';
import { hello, type JenkinsWorld, jenkinsWorld, job, quick, untilStopped } from './jenkins-world.ts';

describe('The address of Jenkins', () => {
  it('is not trusted with a certificate that nobody vouches for, and the reason is told', async function () {
    const made = selfSigned();
    if (made === undefined) this.skip();
    const visits: string[] = [];
    const other = createSecure(made, (request) => void visits.push(request.url ?? ''));
    await new Promise<void>((resolve) => void other.listen(0, '127.0.0.1', resolve));
    const target = jenkinsTarget(quick(`https://127.0.0.1:${(other.address() as AddressInfo).port}`));
    const error = await refused(target.launch(launchOf('recycle')), 'target-unreachable');
    assert.match(error.message, /SELF_SIGNED_CERT/);
    assert.match(error.fix, /trusted certificate/);
    assert.deepEqual([error.maybeApplied, visits], [false, []]);
    other.close();
  });

  it('is not left for another host: redirects are not followed, addresses in answers are not used', async () => {
    const visits: string[] = [];
    const other = createServer((request, response) => {
      visits.push(request.url ?? '');
      response.end('{}');
    });
    await new Promise<void>((resolve) => void other.listen(0, '127.0.0.1', resolve));
    const elsewhere = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    const world = await jenkinsWorld([job('team/recycle', hello)], {}, { reportedUrl: elsewhere });
    const launch = launchOf('team/recycle');
    const { externalId } = await world.target.launch(launch);
    assert.equal((await ended(world.target, externalId)).state, 'succeeded');
    await world.restarted().find(launch.executionId);
    await world.target.log(externalId);
    await world.faults.arm({ path: '/job/', status: 302, headers: { location: `${elsewhere}/login` } });
    await refused(world.target.poll(externalId), 'target-refused');
    assert.deepEqual(visits, []);
    await world.close();
    other.close();
  });
});

const openssl = 'openssl';

/** A key and a certificate of its own; undefined where there is no openssl. */
function selfSigned(): { key: string; cert: string } | undefined {
  const ask =
    'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=127.0.0.1 -keyout -';
  try {
    const both = execFileSync(openssl, ask.split(' '), {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return { key: both, cert: both };
  } catch {
    return undefined;
  }
}

describe('A user of Jenkins who signs in by password', () => {
  let world: JenkinsWorld;
  beforeEach(async () => {
    world = await jenkinsWorld([job('recycle', hello), job('wait', untilStopped)], { token: password });
  });
  afterEach(() => world.close());
  const asked = async (key: string) => (await world.faults.requests())[key] ?? 0;

  it('gets a crumb when Jenkins wants one, once, and starts one build', async () => {
    for (let n = 0; n < 3; n += 1) {
      const { externalId } = await world.target.launch(launchOf('recycle'));
      assert.equal((await ended(world.target, externalId)).state, 'succeeded');
    }
    assert.equal(await asked('GET /crumbIssuer/api/json'), 1);
    assert.equal(
      await asked('POST /job/recycle/buildWithParameters'),
      4,
      'the first was refused for want of a crumb',
    );
    const { json } = await world.call('GET', '/job/recycle/api/json');
    assert.equal((json['builds'] as unknown[]).length, 3);
  });

  it('gets a new crumb when the session is over', async () => {
    await world.target.launch(launchOf('recycle'));
    await world.faults.arm({
      method: 'POST',
      status: 403,
      body: 'No valid crumb was included in the request',
    });
    const { externalId } = await world.target.launch(launchOf('recycle'));
    assert.equal((await ended(world.target, externalId)).state, 'succeeded');
    assert.equal(await asked('GET /crumbIssuer/api/json'), 2);
  });

  it('can stop a build and cancel in the queue', async () => {
    const { externalId } = await world.target.launch(launchOf('wait'));
    await world.target.cancel(externalId);
    assert.equal((await ended(world.target, externalId)).state, 'canceled');
  });

  it('was certainly not let in when there is no crumb to be had, or it is not taken', async () => {
    await world.faults.arm({ path: '/crumbIssuer/', status: 404 });
    const without = await refused(world.target.launch(launchOf('recycle')), 'target-refused');
    assert.equal(without.maybeApplied, false);
    assert.match(`${without.message} ${without.fix}`, /without a crumb.*API token/);
    await world.faults.arm({
      method: 'POST',
      status: 403,
      body: 'No valid crumb',
      headers: { 'x-jenkins': '2' },
      times: 2,
    });
    const error = await refused(world.target.launch(launchOf('recycle')), 'target-refused');
    assert.equal(error.maybeApplied, false);
    await world.faults.arm({ path: '/crumbIssuer/', dropAnswer: true });
    await world.faults.arm({ method: 'POST', status: 403, body: 'No valid crumb' });
    assert.equal(
      (await refused(world.target.launch(launchOf('recycle')), 'target-unreachable')).maybeApplied,
      false,
    );
  });

  it('never sends what Jenkins calls a crumb when it is not one', async () => {
    const body = JSON.stringify({ crumb: 'a\r\nhost: elsewhere', crumbRequestField: 'Jenkins-Crumb' });
    await world.faults.arm({ path: '/crumbIssuer/', status: 200, body });
    const error = await refused(world.target.launch(launchOf('recycle')), 'target-unreachable');
    assert.equal(error.maybeApplied, false);
  });
});
