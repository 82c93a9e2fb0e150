import assert from 'node:assert/strict';
import type { Look, Looker } from '../../../src/adapters/probes/look.ts';
import { probes } from '../../../src/adapters/probes/probes.ts';
import { HttpProbe, PrometheusProbe } from '../../../src/domain/probe.ts';
import { refusal } from './refusal.ts';

const start = new Date('2026-11-22T10:00:00Z');
const moment = { since: start, until: new Date(start.getTime() + 600_000) };
const prometheusSpec = { prometheus: PrometheusProbe.parse({ query: 'up', equals: 1 }) };
const http = { check: () => assert.fail('http was asked') };

/** A clock that goes on only while somebody sleeps. */
function world() {
  let now = start.getTime();
  const waits: number[] = [];
  return {
    waits,
    clock: { now: () => new Date(now) },
    sleep: async (ms: number) => {
      waits.push(ms);
      now += ms;
    },
  };
}
/** Answers one look after the other; `again` in seconds after the start. */
function looking(...looks: { again?: number; healthy?: boolean }[]) {
  let count = 0;
  const looker: Looker<unknown> = {
    look: async () => {
      const { again, healthy = false } = looks[count++] ?? assert.fail('looked once too often');
      const look: Look = { healthy, summary: `look ${count}`, checks: [] };
      return again === undefined ? look : { ...look, again: new Date(start.getTime() + again * 1_000) };
    },
  };
  return { looker, count: () => count };
}

describe('a probe of any kind', () => {
  it('goes to the one that knows it', async () => {
    const result = { healthy: true, summary: 'http', checks: [] };
    const probe = probes({ http: { check: async ({ url }) => ({ ...result, summary: url }) } });
    const spec = { http: HttpProbe.parse({ url: 'http://site.example' }) };
    assert.equal((await probe.check(spec, moment)).summary, 'http://site.example');
  });

  it('is looked at until the verdict is certain, and slept between', async () => {
    const { looker, count } = looking({ again: 15 }, { again: 100 }, { healthy: true });
    const { waits, ...outside } = world();
    const result = await probes({ http, prometheus: looker, ...outside }).check(prometheusSpec, moment);
    assert.deepEqual(result, { healthy: true, summary: 'look 3', checks: [] });
    assert.deepEqual([count(), waits], [3, [15_000, 85_000]]);
  });

  it('is looked at once for all who ask the same at the same time', async () => {
    const { looker, count } = looking({ again: 1 }, { healthy: true }, { healthy: false });
    const probe = probes({ http, prometheus: looker, ...world() });
    const both = await Promise.all([
      probe.check(prometheusSpec, moment),
      probe.check(prometheusSpec, moment),
    ]);
    assert.deepEqual([both[0].summary, both[1].summary, count()], ['look 2', 'look 2', 2]);
    assert.equal((await probe.check(prometheusSpec, moment)).summary, 'look 3');
  });

  it('fails for all of them when it throws, and can be asked again', async () => {
    let calls = 0;
    const looker: Looker<unknown> = {
      look: async () => {
        calls += 1;
        throw new Error('away');
      },
    };
    const probe = probes({ http, azureMonitor: looker });
    const spec = {
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
    for (const n of [1, 2]) {
      const both = await Promise.allSettled([probe.check(spec, moment), probe.check(spec, moment)]);
      assert.deepEqual([both.map(({ status }) => status), calls], [['rejected', 'rejected'], n]);
    }
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
    ] as const) {
      const error = await refusal(probes({ http }).check(spec, moment));
      assert.equal(error.code, 'probe-refused');
      assert.match(error.fix, setting);
    }
  });
});
