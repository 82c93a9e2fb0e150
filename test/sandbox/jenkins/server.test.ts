import assert from 'node:assert/strict';
import type { Leave } from '../../../src/sandbox/jenkins/definitions.ts';
import {
  hello,
  type JenkinsServer,
  jenkins,
  job,
  numberOf,
  over,
  password,
  untilStopped,
  user,
} from './jenkins-world.ts';

const build = (name: string) => `/job/${name}/buildWithParameters`;
const basic = (secret: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`,
});

describe('The simulated Jenkins', () => {
  let server: JenkinsServer;
  afterEach(() => server.close());

  it('starts a build although it drops what the job does not define', async () => {
    const seen: unknown[] = [];
    server = await jenkins([job('recycle', async (parameters) => void seen.push(parameters))]);
    const { status, headers } = await server.call('POST', build('recycle'), {
      form: { pool: 'shop', host: 'web01' },
    });
    assert.equal(status, 201);
    await over(server, `/job/recycle/${await numberOf(server, headers.get('location'))}`);
    assert.deepEqual(seen, [{ EXECUTION_ID: '', pool: 'shop' }]);
  });

  it('takes parameters from the address as well, anything but true for false, and defaults', async () => {
    const seen: unknown[] = [];
    server = await jenkins([
      job('recycle', async (parameters) => void seen.push(parameters), {
        parameters: [
          { name: 'a', type: 'Boolean', default: true },
          { name: 'b', type: 'Boolean' },
          { name: 'c', type: 'Choice', choices: ['x', 'y'] },
          { name: 'd', type: 'String', default: 'z' },
        ],
      }),
    ]);
    const { headers } = await server.call('POST', `${build('recycle')}?b=yes&a=TRUE`);
    await over(server, `/job/recycle/${await numberOf(server, headers.get('location'))}`);
    assert.deepEqual(seen, [{ a: true, b: false, c: 'x', d: 'z' }]);
    const wrong = await server.call('POST', `${build('recycle')}?c=q`);
    assert.deepEqual([wrong.status, wrong.headers.get('content-type')], [500, 'text/html;charset=utf-8']);
  });

  it('joins equal builds that are queued, and only those', async () => {
    server = await jenkins([job('recycle', hello)]);
    server.disturb({ noExecutors: true });
    const send = async (pool: string) => server.call('POST', build('recycle'), { form: { pool } });
    const first = await send('a');
    const second = await send('a');
    const third = await send('b');
    assert.deepEqual([first.status, second.status, third.status], [201, 303, 201]);
    assert.equal(second.headers.get('location'), first.headers.get('location'));
    server.disturb({ noExecutors: false });
    await numberOf(server, first.headers.get('location'));
    assert.equal((await send('a')).status, 201);
  });

  it('shows an item until five minutes after it left the queue', async () => {
    server = await jenkins([job('recycle', hello)]);
    const { headers } = await server.call('POST', build('recycle'));
    await numberOf(server, headers.get('location'));
    const { json } = await server.call('GET', '/queue/item/1/api/json');
    assert.deepEqual([json['_class'], json['cancelled']], ['hudson.model.Queue$LeftItem', false]);
    server.forgetLeftItems();
    assert.equal((await server.call('GET', '/queue/item/1/api/json')).status, 404);
    assert.equal((await server.call('GET', '/job/recycle/1/api/json')).json['queueId'], 1);
  });

  it('says why an item waits: the quiet period, a build before it, no executor', async () => {
    server = await jenkins([job('alone', untilStopped, { oneAtATime: true }), job('recycle', hello)], {
      quietMs: 60_000,
    });
    const item = async (id: number) => {
      const { json } = await server.call('GET', `/queue/item/${id}/api/json`);
      return [String(json['_class']).split('$')[1], json['why']];
    };
    await server.call('POST', build('recycle'));
    await server.call('POST', `${build('alone')}?delay=0sec&pool=a`);
    await server.call('POST', `${build('alone')}?delay=0sec&pool=b`);
    server.disturb({ noExecutors: true });
    await server.call('POST', `${build('recycle')}?delay=0sec&pool=c`);
    assert.match(String(await item(1)), /^WaitingItem,In the quiet period/);
    assert.deepEqual(await item(3), ['BlockedItem', 'Build #1 is already in progress (ETA: N/A)']);
    assert.deepEqual(await item(4), ['BuildableItem', 'Waiting for next available executor']);
    assert.equal((await server.call('POST', '/queue/cancelItem?id=1')).status, 204);
    assert.equal((await server.call('GET', '/queue/item/1/api/json')).json['cancelled'], true);
    assert.equal((await server.call('POST', '/queue/cancelItem?id=2')).status, 500, 'it is a build now');
    assert.equal((await server.call('POST', '/queue/cancelItem?id=9')).status, 404);
  });

  it('refuses what is disabled, not parameterized, or not allowed, in the words of Jenkins', async () => {
    server = await jenkins([
      job('off', hello, { disabled: true }),
      job('plain', hello, { parameters: [] }),
      job('theirs', hello, { mayNotBuild: true }),
      job('vetoed', hello, { vetoed: true }),
    ]);
    const off = await server.call('POST', build('off'));
    assert.match(`${off.status} ${off.text}`, /^409 java\.io\.IOException: off is not buildable!/);
    const plain = await server.call('POST', build('plain'));
    assert.match(`${plain.status} ${plain.text}`, /^400 .*plain is not parameterized/);
    assert.equal((await server.call('POST', '/job/plain/build')).status, 201);
    assert.equal((await server.call('POST', '/job/vetoed/build')).status, 400);
    const theirs = await server.call('POST', build('theirs'));
    assert.deepEqual(
      [theirs.status, theirs.headers.get('x-required-permission')],
      [403, 'hudson.model.Item.Build'],
    );
    const vetoed = await server.call('POST', build('vetoed'));
    assert.deepEqual([vetoed.status, vetoed.headers.get('location')?.endsWith('/job/vetoed/.')], [302, true]);
  });

  it('wants a crumb of the same session from whoever signs in by password, and from nobody with a token', async () => {
    server = await jenkins([job('recycle', hello)]);
    const mine = basic(password);
    assert.equal((await server.call('POST', build('recycle'))).status, 201);
    const without = await server.call('POST', build('recycle'), { headers: mine });
    assert.match(`${without.status} ${without.text}`, /^403 .*No valid crumb was included in the request/);
    const { json, headers } = await server.call('GET', '/crumbIssuer/api/json', { headers: mine });
    const crumb = { ...mine, [String(json['crumbRequestField'])]: String(json['crumb']) };
    assert.equal(
      (await server.call('POST', build('recycle'), { headers: crumb })).status,
      403,
      'without the session',
    );
    const cookie = headers.get('set-cookie')?.split(';')[0] ?? '';
    const whole = { ...crumb, cookie };
    assert.equal((await server.call('POST', `${build('recycle')}?pool=b`, { headers: whole })).status, 201);
  });

  it('tells strangers nothing, in pages', async () => {
    server = await jenkins([job('recycle', hello)]);
    const wrong = await server.call('GET', '/job/recycle/api/json', { headers: basic('guess') });
    assert.deepEqual([wrong.status, wrong.headers.get('content-type')], [401, 'text/html;charset=utf-8']);
    assert.match(wrong.text, /Invalid password\/token for user: handrail/);
    const response = await fetch(`${server.url}/api/json`);
    assert.deepEqual([response.status, response.headers.get('x-jenkins') !== null], [403, true]);
    const missing = await server.call('GET', '/job/nothing/api/json');
    assert.deepEqual([missing.status, missing.headers.get('content-type')], [404, 'text/html;charset=utf-8']);
  });

  it('stops a build as far as its work listens; only a pipeline can be terminated and killed', async () => {
    server = await jenkins([
      job('deaf', untilStopped, { ignores: 'stop' }),
      job('dead', untilStopped, { ignores: 'term' }),
      job('classic', untilStopped, { kind: 'freestyle' }),
    ]);
    for (const name of ['deaf', 'dead', 'classic'])
      await numberOf(server, (await server.call('POST', build(name))).headers.get('location'));
    const going = async (name: string) =>
      (await server.call('GET', `/job/${name}/1/api/json`)).json['building'];
    const told = async (name: string, level: string) =>
      (await server.call('POST', `/job/${name}/1/${level}`)).status;
    assert.deepEqual([await told('deaf', 'stop'), await going('deaf')], [302, true]);
    await told('deaf', 'term');
    assert.equal((await over(server, '/job/deaf/1'))['result'], 'ABORTED');
    await told('dead', 'term');
    assert.equal(await going('dead'), true);
    await told('dead', 'kill');
    assert.equal((await over(server, '/job/dead/1'))['result'], 'ABORTED');
    assert.equal(await told('classic', 'kill'), 404);
    await told('classic', 'stop');
    assert.equal((await over(server, '/job/classic/1'))['result'], 'ABORTED');
  });

  it('gives a log in parts: whole lines while it grows, from the start again beyond its end', async () => {
    let finish: () => void = () => undefined;
    server = await jenkins([
      job('talk', async (_parameters, log) => {
        for (let n = 0; n < 10_050; n += 1) log(`line ${n}`);
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
      }),
    ]);
    await numberOf(server, (await server.call('POST', build('talk'))).headers.get('location'));
    const part = async (start: string) => {
      const { text, headers } = await server.call(
        'GET',
        `/job/talk/1/logText/progressiveText?start=${start}`,
      );
      return { text, size: Number(headers.get('x-text-size')), more: headers.get('x-more-data') };
    };
    const first = await part('0');
    assert.equal(first.more, 'true');
    assert.equal(first.text.split('\n').length, 10_001, 'no more than 10,000 lines at a time');
    const second = await part(String(first.size));
    assert.match(second.text, /^line \d+\n(.*\n)*line 10049\n$/);
    assert.equal((await part('99999999')).text, first.text);
    finish();
    await over(server, '/job/talk/1');
    const last = await part(String(second.size));
    assert.deepEqual([last.text, last.more], ['Finished: SUCCESS\n', null]);
    const whole = await server.call('GET', '/job/talk/1/consoleText');
    assert.equal(whole.text, `${first.text}${second.text}${last.text}`);
  });

  it('keeps the files and the result of a build', async () => {
    server = await jenkins([
      job('check', async (_parameters, _log, _signal, leave: Leave) => {
        leave.artifact('reports/a b.txt', 'all is well');
        leave.result('UNSTABLE');
      }),
    ]);
    await numberOf(server, (await server.call('POST', build('check'))).headers.get('location'));
    const { result, artifacts } = await over(server, '/job/check/1');
    assert.equal(result, 'UNSTABLE');
    assert.deepEqual(artifacts, [
      {
        _class: 'hudson.model.Run$Artifact',
        displayPath: 'a b.txt',
        fileName: 'a b.txt',
        relativePath: 'reports/a b.txt',
      },
    ]);
    assert.equal((await server.call('GET', '/job/check/1/artifact/reports/a%20b.txt')).text, 'all is well');
    assert.equal((await server.call('GET', '/job/check/1/artifact/reports')).status, 404);
  });

  it('does on demand what goes wrong, and counts requests', async () => {
    server = await jenkins([job('team/recycle', hello)], { contextPath: '/jenkins' });
    const { origin } = new URL(server.url);
    const control = (path: string, method: string, body: object) =>
      fetch(`${origin}/__jenkins/${path}`, {
        method,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    assert.equal((await control('disturbance', 'PUT', { starting: true })).status, 204);
    assert.match((await server.call('GET', '/api/json')).text, /getting ready to work/);
    assert.equal((await control('disturbance', 'PUT', { asleep: true })).status, 400);
    await control('disturbance', 'PUT', { starting: false, noExecutors: true });
    await server.call('POST', '/job/team/job/recycle/buildWithParameters');
    assert.equal((await control('restart', 'POST', { queue: false })).status, 204);
    assert.deepEqual((await server.call('GET', '/queue/api/json')).json['items'], []);
    assert.equal(
      (await server.faults.requests())['POST /jenkins/job/team/job/recycle/buildWithParameters'],
      1,
    );
  });
});
