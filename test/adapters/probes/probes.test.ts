import assert from 'node:assert/strict';
import type { Looker } from '../../../src/adapters/probes/look.ts';
import { probes } from '../../../src/adapters/probes/probes.ts';
import { HttpProbe, PrometheusProbe } from '../../../src/domain/probe.ts';
import { refusal } from './refusal.ts';

const start = new Date('2026-11-22T10:00:00Z');
const moment = { since: start, until: new Date(start.getTime() + 600_000) };
const prometheusSpec = { prometheus: PrometheusProbe.parse({ query: 'up', equals: 1 }) };
const http = { check: () => assert.fail('http was asked') };

describe('a probe of any kind', () => {
  it('goes to the one that knows it', async () => {
    const result = { healthy: true, summary: 'http', checks: [] };
    const probe = probes({ http: { check: async ({ url }) => ({ ...result, summary: url }) } });
    const spec = { http: HttpProbe.parse({ url: 'http://site.example' }) };
    assert.equal((await probe.check(spec, moment)).summary, 'http://site.example');
  });

  it('is looked at once, and tells when it is worth looking again', async () => {
    const again = new Date(start.getTime() + 15_000);
    const asked: unknown[] = [];
    const looker: Looker<unknown> = {
      look: async (...question) => {
        asked.push(question);
        return { healthy: false, summary: 'too early', checks: [], again };
      },
    };
    const probe = probes({ http, prometheus: looker });
    const look = await probe.check(prometheusSpec, moment);
    assert.deepEqual(look, { healthy: false, summary: 'too early', checks: [], again });
    assert.deepEqual(asked, [[prometheusSpec.prometheus, moment]]);
  });

  it('is refused where it is not configured', async () => {
    const azure = {
      azureMonitor: {
        resource: 'r',
        metric: 'm',
        aggregation: 'total',
        below: 1,
        for: 0,
        interval: 1,
        newerThanAction: true,
      },
    } as const;
    for (const [spec, setting] of [
      [prometheusSpec, /PROMETHEUS_URL/],
      [azure, /AZURE_MONITOR_URL/],
      [{ deviceCompliance: { device: 'd', every: 1 } }, /GRAPH_URL/],
    ] as const) {
      const error = await refusal(probes({ http }).check(spec, moment));
      assert.equal(error.code, 'probe-refused');
      assert.match(error.fix, setting);
    }
  });
});
