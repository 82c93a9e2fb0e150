import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { raiseIncident } from '../../src/sandbox/incident.ts';
import { faultControl } from '../../src/sandbox/ops-api/faults.ts';
import { arne, incidentsChannel, olivia, playgroundWorld } from '../../src/sandbox/people.ts';
import { connectPlayground, type PlaygroundClient } from '../../src/sandbox/playground/client.ts';
import { type RunningPlayground, startPlayground } from '../../src/sandbox/playground/start.ts';
import { startWorld, type World } from '../../src/sandbox/world.ts';
import { botSays, cardShows, cardWithButton, type PostedCard } from './cards.ts';
import { eventually } from './eventually.ts';
import { freePort, startScript, stop } from './processes.ts';
import { entriesOf, runsOf, storedRun } from './record.ts';
import { type ServiceNow, serviceNowOf } from './servicenow.ts';

/** The bot alone is stopped and started here, while ServiceNow, the targets and Microsoft's client stay up. */
describe('Handrail when something is down', function () {
  this.timeout(120_000);
  const data = mkdtempSync(path.join(tmpdir(), 'handrail outage '));
  const log = path.join(data, 'output.txt');
  let port: number;
  let world: World;
  let playground: RunningPlayground;
  let client: PlaygroundClient;
  let serviceNow: ServiceNow;
  let bot: ChildProcess;
  let failures = 0;

  const startBot = async (changes: Readonly<Record<string, string>> = {}): Promise<void> => {
    const env = {
      ...world.environment,
      HANDRAIL_DATA: data,
      PORT: String(port),
      TEAMS_SERVICE_URL: `http://localhost:${playground.port}/_connector`,
      ...changes,
    };
    bot = (await startScript('src/main.ts', env, log, 'Handrail is ready')).child;
  };
  const kill = () => stop(bot, 'SIGKILL');
  const approve = async (card: PostedCard): Promise<void> => {
    const { status } = await client.execute({ ...card, as: arne.id }, 'approve', card.data);
    assert.equal(status, 200);
  };
  const health = async (pool: string) =>
    (await fetch(`${world.info.site}/${pool}/health`, { signal: AbortSignal.timeout(20_000) })).status;
  const recycles = async (pool: string): Promise<unknown> => {
    const answer = await fetch(`${world.info.site}/pools/${pool}`, {
      headers: { authorization: `Bearer ${world.info.siteToken}` },
      signal: AbortSignal.timeout(20_000),
    });
    return ((await answer.json()) as { recycles?: unknown }).recycles;
  };

  before(async function () {
    this.timeout(240_000);
    port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    world = await startWorld({
      directory: path.join(data, 'sandbox'),
      eventsUrl: `${url}/api/servicenow/events`,
    });
    playground = await startPlayground({
      botUrl: `${url}/api/messages`,
      port: await freePort(),
      directory: path.join(data, 'playground'),
      open: false,
      world: playgroundWorld,
    });
    // nothing listens there: the team's automation is down
    await startBot({ OPS_API_URL: `http://127.0.0.1:${await freePort()}` });
    client = await connectPlayground(playground.url);
    serviceNow = serviceNowOf(world.info);
  });
  afterEach(function () {
    if (this.currentTest?.state !== 'failed') return;
    failures += 1;
    process.stderr.write(`the output: ${log}\n`);
  });
  after(async () => {
    client?.close();
    if (bot !== undefined) await stop(bot);
    await playground?.stop();
    await world?.close();
    if (failures === 0) rmSync(data, { recursive: true, force: true });
  });

  let number: string;

  it('says "Automation failed" with the reason, and hands the incident to level 3', async () => {
    number = (await raiseIncident(world.info, 'iis-5xx')).number;
    const card = await cardWithButton(client, number, 'approve');
    await approve(card);
    await cardShows(client, card.card, /Automation failed/);

    const ticket = await eventually(async () => {
      const found = await serviceNow.incident(number);
      assert.equal(found['assignment_group'], 'Web Operations L3');
      return found;
    });
    assert.notEqual(ticket['state'], 'Resolved');
    const notes = await serviceNow.workNotes(ticket['sys_id'] ?? '');
    assert.match(
      notes.at(-1)?.text ?? '',
      /^Automation failed[\s\S]*did not answer: ECONNREFUSED[\s\S]*nothing was changed/,
    );
    await botSays(client, card.conversation, /automation failed\. .*ops.*ECONNREFUSED.*Web Operations L3/);
    const stored = await storedRun(data, card.run);
    assert.deepEqual(
      entriesOf(stored, 'step-finished').map(({ data: step }) => [step.step, step.result]),
      [['snapshot-logs', 'not-started']],
    );
    assert.equal(await health('shop'), 503);
  });

  it('runs once what is asked for again, though the bot is killed in the middle of a launch', async () => {
    await kill();
    await startBot();
    const said = await client.say(incidentsChannel, `run iis-app-pool-recycle for ${number}`, {
      mention: true,
    });
    await botSays(client, said.conversation, /Proposed as run/);
    const card = await cardWithButton(client, `not ${olivia.name} who asked`, 'approve');
    await faultControl(world.info.ops).arm({ method: 'POST', path: '/runs', latencyMs: 1_500 });
    await approve(card);
    await eventually(async () =>
      assert.equal(entriesOf(await storedRun(data, card.run), 'step-started').length, 1),
    );
    await kill();
    assert.equal(entriesOf(await storedRun(data, card.run), 'step-launched').length, 0);

    await startBot();
    await cardShows(client, card.card, /Succeeded/);
    assert.equal(await recycles('shop'), 1);
    assert.equal(await health('shop'), 200);
    await eventually(async () => assert.equal((await serviceNow.incident(number))['state'], 'Resolved'));
    assert.equal((await storedRun(data, card.run)).verified.ok, true);
  });

  it('takes an approval on the card of before it was killed, and redraws that card', async () => {
    const { number: other } = await raiseIncident(world.info, 'iis-5xx-unknown-environment');
    const card = await cardWithButton(client, other, 'approve');
    // Teams has it before the store has: a bot that ends in between posts another one
    await eventually(async () =>
      assert.equal(entriesOf(await storedRun(data, card.run), 'card-posted').length, 1),
    );
    await kill();
    await startBot();
    await approve(card);
    await cardShows(client, card.card, /Succeeded/);
    await eventually(async () => assert.equal((await serviceNow.incident(other))['state'], 'Resolved'));
    assert.equal(await health('legacy'), 200);
  });

  it('runs on AWX what ran on the API of the team, when one line of the runbook says so', async () => {
    const runbooks = path.join(data, 'runbooks');
    cpSync('runbooks', runbooks, { recursive: true });
    const file = path.join(runbooks, 'mid-server-restart.yaml');
    const [before, after, ...more] = readFileSync(file, 'utf8').split('\ntarget: ops\n');
    assert.ok(after !== undefined && more.length === 0);
    writeFileSync(file, `${before}\ntarget: awx\n${after}`);
    await kill();
    await startBot({ HANDRAIL_RUNBOOKS: runbooks });
    const raised = await raiseIncident(world.info, 'mid-server-down-test');
    await eventually(async () =>
      assert.equal((await serviceNow.incident(raised.number))['state'], 'Resolved'),
    );
    const [run = ''] = await runsOf(data, raised.number);
    const launched = entriesOf(await storedRun(data, run), 'step-launched');
    assert.equal(launched.length, 2);
    for (const one of launched) assert.match(one.data.externalId, /^job/);
  });

  it('finds the event that was raised while nobody was there', async () => {
    await kill();
    const { number: missed } = await raiseIncident(world.info, 'iis-5xx-test');
    await startBot();
    await eventually(async () => assert.equal((await serviceNow.incident(missed))['state'], 'Resolved'));
    assert.equal(await health('shop-test'), 200);
  });
});
