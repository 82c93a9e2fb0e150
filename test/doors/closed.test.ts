import assert from 'node:assert/strict';
import { clicked, typed } from '../fakes/teams.ts';
import { openStage, type Stage } from './stage.ts';

const arne = { id: '29:arne', name: 'arne', aadObjectId: 'arne' };
const vote = (run: string) => ({
  verb: 'approve',
  run,
  revision: 1,
  data: { run, revision: 1, verb: 'approve' },
});

/** Doors of Teams that Handrail has not opened: whatever comes through them, nothing happens. */
const invokes = [
  'task/fetch',
  'task/submit',
  'composeExtension/submitAction',
  'composeExtension/query',
  'composeExtension/fetchTask',
  'composeExtension/selectItem',
  'composeExtension/queryLink',
  'fileConsent/invoke',
  'actionableMessage/executeAction',
  'signin/verifyState',
  'tab/submit',
  'message/submitAction',
  'ADAPTIVECARD/ACTION',
  '',
];
const otherActivities = [
  'messageReaction',
  'messageUpdate',
  'event',
  'conversationUpdate',
  'endOfConversation',
  'command',
];

const methods = ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const routes = [
  '/api/messages',
  '/api/servicenow/events',
  '/api/automation/callbacks/ops',
  '/healthz',
  '/readyz',
  '/metrics',
  '/api/runs/{run}/approve',
  '/approve?run={run}&revision=1&by=arne',
  '/',
];

/** Everything that could have moved: every run's log, and what left the process. */
async function everything({ deps, world, run }: Stage): Promise<string> {
  const started = await deps.log.find({ where: { type: 'step-started' }, limit: 10 });
  const proposed = await deps.log.find({ where: { type: 'run-proposed' }, limit: 10 });
  return JSON.stringify([await deps.log.read(run), started, proposed, world.transcript]);
}

describe('a door that is closed', function () {
  this.timeout(60_000);
  let stage: Stage;
  let asItWas: string;
  before(async () => {
    stage = await openStage();
    asItWas = await everything(stage);
  });
  after(() => stage.close());
  const unchanged = async () => {
    assert.equal(await everything(stage), asItWas);
    assert.deepEqual(stage.replies, []);
  };

  for (const name of invokes)
    it(`changes nothing: invoke ${name === '' ? 'without a name' : name}`, async () => {
      const activity = { ...clicked('approve'), from: arne, name, value: vote(stage.run) };
      assert.equal((await stage.post(activity)).status, 501);
      await unchanged();
    });

  for (const type of otherActivities)
    it(`changes nothing: activity ${type}`, async () => {
      const { type: _message, ...rest } = typed(`approve ${stage.code} 1`);
      await stage.post({ ...rest, from: arne, type, name: 'adaptiveCard/action', value: vote(stage.run) });
      await unchanged();
    });

  for (const method of methods)
    it(`changes nothing: ${method} of any address`, async () => {
      for (const route of routes) await stage.http(method, route.replace('{run}', stage.run));
      await unchanged();
    });

  it('changes nothing: a message or an event that nobody signed', async () => {
    const body = JSON.stringify({ ...clicked('approve', { run: stage.run, revision: 1 }), from: arne });
    assert.equal((await stage.http('POST', '/api/messages', body)).status, 400);
    const event = JSON.stringify({ sys_id: stage.world.incident.sysId, sys_mod_count: 1 });
    assert.equal((await stage.http('POST', '/api/servicenow/events', event)).status, 401);
    assert.ok((await stage.http('POST', `/api/runs/${stage.run}/approve`, '{}')).status >= 400);
    await unchanged();
  });
});
