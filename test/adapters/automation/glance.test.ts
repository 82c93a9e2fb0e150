import assert from 'node:assert/strict';
import { azureAutomationTarget } from '../../../src/adapters/automation/azure-automation.ts';
import { glanceBytes, lastLines } from '../../../src/adapters/automation/glance.ts';
import { maskOf } from '../../../src/adapters/automation/mask.ts';
import type { JobStatus, Target } from '../../../src/ports.ts';
import { launchOf } from '../../contract/target.ts';
import { awxWorld, template } from './awx-world.ts';
import { account, quick as azure } from './azure-automation-world.ts';
import { job as jenkinsJob, jenkinsWorld } from './jenkins-world.ts';
import { opsWorld } from './ops-api-world.ts';
import { job as rundeckJob, rundeckWorld } from './rundeck-world.ts';

const secret = 'correct-horse-battery';
const mask = maskOf([secret]);

describe('the last lines of a log', () => {
  it('are at most five, of whole lines, without empty ones', () => {
    const log = `1\n2\n\n3\n4\n  \n5\n6\nhalf a li`;
    assert.equal(lastLines(log, true, mask), '2\n3\n4\n5\n6');
    assert.equal(lastLines('no end', true, mask), '');
  });

  it('are cut when they are long', () => {
    assert.equal(lastLines(`${'x'.repeat(5_000)}\n`, true, mask).length, 200);
  });

  it('leave out the line that the piece begins within', () => {
    assert.equal(lastLines('of a line\nwhole\n', false, maskOf([])), 'whole');
  });

  it('never show a part of a secret, wherever the piece begins', () => {
    const log = `start\nthe password is ${secret} they say\nnext\n`.repeat(3);
    for (let from = 0; from < log.length; from += 1) {
      const shown = lastLines(log.slice(from), from === 0, mask);
      for (let n = 0; n + 8 <= secret.length; n += 1)
        assert.ok(!shown.includes(secret.slice(n, n + 8)), `from ${from}: ${shown}`);
    }
  });
});

it('the last lines never show a line of a secret of several lines that begins before the piece', () => {
  const lines = maskOf(['alpha\nbravo\ncharlie']);
  const log = `start\nalpha\nbravo\ncharlie\nend of it\nand more\n`;
  for (let from = 1; from < log.length; from += 1)
    assert.doesNotMatch(lastLines(log.slice(from), false, lines), /bravo|charlie/);
});

/** How each target shows a job that has written something and goes on. */
const lines = Array.from({ length: 400 }, (_, n) => `step ${n} of 400, which takes its time`);
const last = lines.slice(-5).join('\n');
/** Writes, and ends only when it is stopped. */
const chatty = (write: (line: string) => void, signal: AbortSignal): Promise<void> => {
  for (const line of lines) write(line);
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('stopped')), { once: true });
  });
};
/** Some targets put a time before each line. */
const written = async (target: Target, externalId: string) =>
  (await target.tail?.(externalId))?.replaceAll(/^\S+Z /gm, '');
type World = {
  readonly target: Target;
  readonly url: string;
  readonly faults: { requests(): Promise<Record<string, number>> };
  close(): Promise<void>;
};
const worlds: readonly [
  name: string,
  job: string,
  page: (url: string, id: string) => RegExp,
  start: () => Promise<World>,
][] = [
  [
    'ops-api',
    'talk',
    () => /^undefined$/,
    () => opsWorld({ talk: (_parameters, log, signal) => chatty(log, signal) }),
  ],
  [
    'AWX',
    'Talk',
    (url) => new RegExp(`^${url}/#/jobs/playbook/\\d+$`),
    () => awxWorld([template('Talk', (_variables, log, signal) => chatty(log, signal))]),
  ],
  [
    'Automation Platform',
    'Talk',
    (url) => new RegExp(`^${url}/execution/jobs/playbook/\\d+/output$`),
    () =>
      awxWorld(
        [template('Talk', (_variables, log, signal) => chatty(log, signal))],
        {},
        { product: 'gateway' },
      ),
  ],
  [
    'Jenkins',
    'team/talk',
    (url) => new RegExp(`^${url}/job/team/job/talk/1/$`),
    () => jenkinsWorld([jenkinsJob('team/talk', (_parameters, log, signal) => chatty(log, signal))]),
  ],
  [
    'Rundeck',
    'ops/Talk',
    (url, id) => new RegExp(`^${url}/project/ops/execution/show/${id}$`),
    () => rundeckWorld([rundeckJob('Talk', (_options, log, signal) => chatty(log, signal))]),
  ],
];

for (const [name, job, page, start] of worlds)
  describe(`a job in progress on ${name}`, () => {
    let world: World;
    afterEach(() => world.close());

    it('shows its last lines with one or two requests a look, and where its page is', async () => {
      world = await start();
      const { target, url, faults } = world;
      const { externalId } = await target.launch(launchOf(job));
      let status: JobStatus | undefined;
      let tail: string | undefined;
      for (let n = 0; n < 400 && tail !== last; n += 1) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        status = await target.poll(externalId);
        if (status.state === 'running') tail = await written(target, externalId);
      }
      assert.equal(tail, last);
      assert.match(String(target.link?.(externalId)), page(url, externalId));
      const sum = async () => Object.values(await faults.requests()).reduce((a, b) => a + b, 0);
      const before = await sum();
      assert.equal(await written(target, externalId), last);
      assert.ok((await sum()) - before <= 2);
      await target.cancel(externalId);
    });
  });

describe('a job in progress on Azure Automation', () => {
  it('is found among the jobs of the account in the portal, in the public cloud', () => {
    const target = azureAutomationTarget(azure('https://management.azure.com'));
    assert.equal(target.link?.('x'), `https://portal.azure.com/#resource${account}/jobs`);
    assert.equal(azureAutomationTarget(azure('https://management.chinacloudapi.cn')).link?.('x'), undefined);
  });
});

describe('a workflow in progress on AWX', () => {
  it('shows where its nodes are', async () => {
    const world = await awxWorld(
      [template('First', (_variables, log, signal) => chatty(log, signal))],
      {},
      {
        workflowTemplates: [
          { name: 'Flow', asks: ['variables'], nodes: [{ identifier: 'one', template: 'First' }] },
        ],
      },
    );
    try {
      const { externalId } = await world.target.launch(launchOf('workflow:Flow'));
      let tail = '';
      for (let n = 0; n < 400 && !tail.includes('running'); n += 1)
        tail = (await world.target.tail?.(externalId)) ?? '';
      assert.equal(tail, 'First (one): running');
      assert.match(String(world.target.link?.(externalId)), /\/#\/jobs\/workflow\/\d+$/);
    } finally {
      await world.close();
    }
  });
});

it('the end of a log that is looked at is small', () => assert.ok(glanceBytes <= 8_192));
