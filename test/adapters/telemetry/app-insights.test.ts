import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { appInsights } from '../../../src/adapters/telemetry/app-insights.ts';
import { quietLibraries } from '../../../src/config.ts';
import { startIngestion } from './ingestion.ts';

/** Runs a script beside this file in a process of its own, and reads what it prints. */
function child(script: string, ...args: string[]): unknown {
  const file = fileURLToPath(new URL(script, import.meta.url));
  const { stdout, stderr } = spawnSync(process.execPath, [file, ...args], {
    encoding: 'utf8',
    timeout: 50_000,
  });
  assert.ok(stdout.startsWith('{') || stdout.startsWith('['), stderr);
  return JSON.parse(stdout);
}

describe('Application Insights', function () {
  this.timeout(60_000);
  let ingestion: Awaited<ReturnType<typeof startIngestion>>;
  before(() => quietLibraries());
  afterEach(() => ingestion.close());

  it('gets lines as traces and errors as exceptions, under our name', async () => {
    ingestion = await startIngestion();
    const insights = await appInsights({ ...ingestion, secrets: [] });
    insights.log('info', 'Handrail is ready', { engine: 'local' });
    insights.log('warn', 'a launch was not answered', { run: 'R1', step: 'recycle' });
    insights.log('error', 'a run could not be driven', {
      run: 'R1',
      code: 'store-unavailable',
      why: 'disk full',
    });
    await insights.close(10_000);
    assert.deepEqual(ingestion.paths, ['POST /v2.1/track']);
    const told = ingestion.envelopes.map(({ data: { baseType, baseData } }) => [baseType, baseData]);
    assert.deepEqual(told, [
      [
        'MessageData',
        {
          ver: 2,
          message: 'Handrail is ready',
          severityLevel: 'Information',
          properties: { engine: 'local' },
          measurements: {},
        },
      ],
      [
        'MessageData',
        {
          ver: 2,
          message: 'a launch was not answered',
          severityLevel: 'Warning',
          properties: { run: 'R1', step: 'recycle' },
          measurements: {},
        },
      ],
      [
        'ExceptionData',
        {
          ver: 2,
          exceptions: [
            {
              typeName: 'store-unavailable',
              message: 'a run could not be driven',
              hasFullStack: false,
              parsedStack: [],
            },
          ],
          severityLevel: 'Error',
          properties: { run: 'R1', code: 'store-unavailable', why: 'disk full' },
          measurements: {},
        },
      ],
    ]);
    for (const { tags } of ingestion.envelopes) assert.equal(tags['ai.cloud.role'], 'handrail');
  });

  it('gets no secret, no mail address, and no detail that nobody vouched for', async () => {
    ingestion = await startIngestion();
    const insights = await appInsights({ ...ingestion, secrets: ['hunter2'] });
    insights.log('error', 'sign-in with hunter2 failed', {
      why: 'olivia@contoso.example: Bearer abc.def',
      title: 'my laptop is slow, says Olivia',
      conversation: '19:incidents@thread.tacv2',
    });
    insights.log('info', 'x', { why: ingestion.connectionString });
    await insights.close(10_000);
    const sent = JSON.stringify(ingestion.envelopes.map(({ data }) => data));
    assert.match(sent, /sign-in with \*\*\* failed/);
    assert.match(sent, /somebody: Bearer \*\*\*/);
    assert.doesNotMatch(sent, /hunter2|contoso|abc\.def|laptop|19:incidents|InstrumentationKey/);
    assert.doesNotMatch(sent, /app-insights\.(test\.)?ts/);
  });

  it('never holds the end of the process for longer than it is given', async () => {
    ingestion = await startIngestion(() => 'never');
    const insights = await appInsights({ ...ingestion, secrets: [] });
    insights.log('info', 'x');
    await insights.close(100);
    assert.deepEqual(ingestion.envelopes, []);
  });

  it('is no reason to fail when it refuses', async () => {
    ingestion = await startIngestion(() => 400);
    const insights = await appInsights({ ...ingestion, secrets: [] });
    insights.log('info', 'x');
    await insights.close(10_000);
    assert.equal(ingestion.paths.length, 1);
  });

  it('is the only place its library talks to: no settings, no statistics, no live metrics', async () => {
    ingestion = await startIngestion();
    assert.deepEqual(child('./hosts-called.ts', 'ours'), ['127.0.0.1']);
    const untamed = child('./hosts-called.ts', 'the library as it comes');
    assert.ok(Array.isArray(untamed) && untamed.includes('settings.sdk.monitor.azure.com'), `${untamed}`);
  });

  it('costs nothing when it is not configured: its library is not even loaded', async () => {
    ingestion = await startIngestion();
    assert.deepEqual(child('./loaded.ts'), { unused: 0, used: true });
  });
});
