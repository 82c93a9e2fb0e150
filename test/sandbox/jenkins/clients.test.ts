import assert from 'node:assert/strict';
import {
  hello,
  type JenkinsServer,
  jenkins,
  job,
  over,
  password,
  untilStopped,
  user,
} from './jenkins-world.ts';

/**
 * What npm `jenkins` does, request by request (lib/job.js, lib/queue.js, lib/build.js, lib/middleware.js of
 * silas/node-jenkins): a crumb and its cookies before each POST, the number of the queue item from Location, a redirect as
 * the proof of a stop, and the log by POST with the offset as a form.
 */
function client(server: JenkinsServer, secret: string) {
  const authorization = `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`;
  const post = async (path: string, form?: Record<string, string>) => {
    const issued = await server.call('GET', '/crumbIssuer/api/json', { headers: { authorization } });
    assert.equal(issued.json['_class'], 'hudson.security.csrf.DefaultCrumbIssuer');
    const cookie = issued.headers.get('set-cookie')?.split(';')[0] ?? '';
    const crumb = { [String(issued.json['crumbRequestField'])]: String(issued.json['crumb']) };
    return server.call('POST', path, { headers: { authorization, cookie, ...crumb }, ...(form && { form }) });
  };
  const path = (name: string) =>
    name
      .split('/')
      .map((part) => `/job/${encodeURIComponent(part)}`)
      .join('');
  return {
    async build(name: string, parameters: Record<string, string>): Promise<number> {
      const { status, headers } = await post(`${path(name)}/buildWithParameters`, parameters);
      assert.equal(status, 201);
      return Number(headers.get('location')?.split('/').at(-2));
    },
    async item(id: number) {
      return (await server.call('GET', `/queue/item/${id}/api/json`)).json;
    },
    async stop(name: string, number: number): Promise<void> {
      assert.equal((await post(`${path(name)}/${number}/stop`)).status, 302);
    },
    async log(name: string, number: number, start: number) {
      const { text, headers } = await post(`${path(name)}/${number}/logText/progressiveText`, {
        start: String(start),
      });
      return { text, more: headers.get('x-more-data') === 'true', size: Number(headers.get('x-text-size')) };
    },
    async exists(name: string): Promise<boolean> {
      return (await server.call('HEAD', `${path(name)}/api/json`)).status !== 404;
    },
    async switch(name: string, action: 'enable' | 'disable'): Promise<void> {
      assert.equal((await post(`${path(name)}/${action}`)).status, 302);
    },
  };
}

describe('What npm jenkins sends', () => {
  let server: JenkinsServer;
  before(async () => {
    server = await jenkins([job('team/recycle', hello), job('wait', untilStopped)]);
  });
  after(() => server.close());

  it('starts a build, follows the queue to its number, and reads its log', async () => {
    const to = client(server, password);
    const id = await to.build('team/recycle', { pool: 'shop' });
    const item = await to.item(id);
    assert.deepEqual(
      Object.keys(item)
        .filter((key) => ['id', 'task', 'why', 'url', 'executable'].includes(key))
        .sort(),
      ['executable', 'id', 'task', 'url', 'why'],
    );
    const { number } = item['executable'] as { number: number };
    await over(server, `/job/team/job/recycle/${number}`);
    const log = await to.log('team/recycle', number, 0);
    assert.match(log.text, /hello from the job\nFinished: SUCCESS\n$/);
    assert.equal(log.more, false);
    assert.equal((await to.log('team/recycle', number, log.size)).text, '');
  });

  it('stops a build', async () => {
    const to = client(server, password);
    await to.build('wait', {});
    await to.stop('wait', 1);
    assert.equal((await over(server, '/job/wait/1'))['result'], 'ABORTED');
  });

  it('asks whether a job exists, disables and enables it', async () => {
    const to = client(server, password);
    assert.deepEqual([await to.exists('team/recycle'), await to.exists('team/nothing')], [true, false]);
    await to.switch('wait', 'disable');
    assert.equal((await server.call('GET', '/job/wait/api/json')).json['color'], 'disabled');
    await to.switch('wait', 'enable');
    assert.equal((await server.call('GET', '/job/wait/api/json')).json['buildable'], true);
  });
});
