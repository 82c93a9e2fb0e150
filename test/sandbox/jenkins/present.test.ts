import assert from 'node:assert/strict';
import { hello, type JenkinsServer, jenkins, job, numberOf, over } from './jenkins-world.ts';

describe('What the simulated Jenkins shows of itself', () => {
  let server: JenkinsServer;
  before(async () => {
    server = await jenkins([job('team/app/recycle', hello), job('alone', hello, { kind: 'freestyle' })]);
    for (let n = 0; n < 3; n += 1) {
      const { headers } = await server.call('POST', '/job/team/job/app/job/recycle/buildWithParameters');
      await over(server, `/job/team/job/app/job/recycle/${await numberOf(server, headers.get('location'))}`);
    }
  });
  after(() => server.close());
  const shown = async (path: string) => (await server.call('GET', path)).json;

  it('is in brief inside other things', async () => {
    const { jobs } = await shown('/api/json');
    assert.deepEqual(jobs, [
      { _class: 'com.cloudbees.hudson.plugins.folder.Folder', name: 'team', url: `${server.url}/job/team/` },
      {
        _class: 'hudson.model.FreeStyleProject',
        name: 'alone',
        url: `${server.url}/job/alone/`,
        color: 'notbuilt',
      },
    ]);
    const { builds, allBuilds } = await shown('/job/team/job/app/job/recycle/api/json');
    assert.deepEqual((builds as object[])[0], {
      _class: 'org.jenkinsci.plugins.workflow.job.WorkflowRun',
      number: 3,
      url: `${server.url}/job/team/job/app/job/recycle/3/`,
    });
    assert.equal(allBuilds, undefined, 'only when asked for');
  });

  it('is as deep as it is asked for', async () => {
    const { jobs } = await shown('/api/json?depth=1');
    assert.deepEqual(
      (jobs as { fullName: string }[]).map(({ fullName }) => fullName),
      ['team', 'alone'],
    );
  });

  it('is what a tree asks for, and the class of everything', async () => {
    const tree = 'fullName,nothing,allBuilds[number,actions[parameters[name,value]]]{1,3}';
    assert.deepEqual(await shown(`/job/team/job/app/job/recycle/api/json?tree=${encodeURIComponent(tree)}`), {
      _class: 'org.jenkinsci.plugins.workflow.job.WorkflowJob',
      fullName: 'team/app/recycle',
      allBuilds: [2, 1].map((number) => ({
        _class: 'org.jenkinsci.plugins.workflow.job.WorkflowRun',
        number,
        actions: [
          {
            _class: 'hudson.model.ParametersAction',
            parameters: [
              { _class: 'hudson.model.StringParameterValue', name: 'EXECUTION_ID', value: '' },
              { _class: 'hudson.model.StringParameterValue', name: 'pool', value: '' },
            ],
          },
          { _class: 'hudson.model.CauseAction' },
        ],
      })),
    });
    const down = await shown('/api/json?tree=jobs[name,jobs[name,jobs]]');
    const folder = 'com.cloudbees.hudson.plugins.folder.Folder';
    assert.deepEqual((down['jobs'] as object[])[0], {
      _class: folder,
      name: 'team',
      jobs: [
        { _class: folder, name: 'app', jobs: [{ _class: 'org.jenkinsci.plugins.workflow.job.WorkflowJob' }] },
      ],
    });
    assert.equal((await server.call('GET', '/api/json?tree=jobs[name')).status, 400);
  });

  it('never is the value of a password', async () => {
    const pin = { name: 'pin', type: 'Password', default: 'x1' };
    const other = await jenkins([job('secretive', hello, { parameters: [pin] })]);
    await other.call('POST', '/job/secretive/buildWithParameters', { form: { pin: 'hunter2' } });
    const pages = [
      '/job/secretive/api/json?depth=3',
      '/queue/item/1/api/json?depth=3',
      '/job/secretive/1/api/json',
    ];
    for (const path of pages) {
      const { text } = await other.call('GET', path);
      assert.ok(text.includes('"name":"pin"') && !text.includes('hunter2') && !text.includes('x1'), path);
    }
    await other.close();
  });
});
