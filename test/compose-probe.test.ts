import assert from 'node:assert/strict';
import { makeProbe } from '../src/compose-probe.ts';
import { Environment } from '../src/config.ts';
import { AppError } from '../src/domain/errors.ts';
import { httpServer, json } from './adapters/probes/http-server.ts';
import * as f from './fakes/domain.ts';

const asking = (change: Record<string, unknown> = {}) => {
  const loaded = f.runbook({
    steps: {
      remediation: [{ id: 'go', title: 'Go', target: 'ops', job: 'go' }],
      verification: [{ id: 'ok', title: 'OK', prometheus: { query: 'up', equals: 1, ...change } }],
    },
  });
  return { runbooks: new Map([['recycle', loaded]]), policy: f.policy() };
};
const config = (change: Record<string, string> = {}) => Environment.parse(change);

describe('the probes that are configured', () => {
  it('ask the one Prometheus with its token', async () => {
    const at = Math.floor(Date.now() / 1_000);
    const server = await httpServer(({ body }, response) =>
      json(response, 200, {
        status: 'success',
        data: {
          resultType: 'matrix',
          result: [{ metric: {}, values: [[Number(new URLSearchParams(body).get('end')), `${at + 60}`]] }],
        },
      }),
    );
    const settings = config({ PROMETHEUS_URL: server.url, PROMETHEUS_TOKEN: 'hunter2' });
    const probe = makeProbe(settings, asking());
    const until = new Date(Date.now() + 60_000);
    const spec = {
      query: 'up',
      above: 1,
      for: 0,
      every: 1_000,
      newerThanAction: true,
      warnings: 'fail',
    } as const;
    const { healthy } = await probe.check({ prometheus: spec }, { since: new Date(at * 1_000), until });
    server.close();
    assert.equal(healthy, true);
    assert.deepEqual(
      server.requests.map(({ headers }) => headers.authorization),
      ['Bearer hunter2', 'Bearer hunter2'],
    );
  });

  it('ask Microsoft Graph about a device where the directory is asked, with its token', async () => {
    const id = '0d1f0000-0000-4000-8000-000000000001';
    const server = await httpServer((_, response) =>
      json(response, 200, { id, complianceState: 'compliant', lastSyncDateTime: new Date().toISOString() }),
    );
    const probe = makeProbe(config({ GRAPH_URL: server.url, GRAPH_TOKEN: 'hunter2' }), {
      runbooks: new Map(),
      policy: f.policy(),
    });
    const moment = { since: new Date(0), until: new Date(Date.now() + 60_000) };
    const { healthy } = await probe.check({ deviceCompliance: { device: id, every: 30_000 } }, moment);
    server.close();
    assert.equal(healthy, true);
    assert.equal(server.requests[0]?.headers.authorization, 'Bearer hunter2');
  });

  it('have to be all that the runbooks ask, or nothing starts', () => {
    const refused = (settings: Record<string, string>, change?: Record<string, unknown>) => {
      try {
        makeProbe(config(settings), asking(change));
        return undefined;
      } catch (error) {
        assert.ok(error instanceof AppError);
        return `${error.code}: ${error.message}`;
      }
    };
    const missing =
      'config-invalid: these verification steps ask a Prometheus that is not configured: step ok of recycle';
    const set = { PROMETHEUS_URL: 'https://prometheus.example' };
    assert.equal(refused({}), `${missing} (default)`);
    assert.equal(refused(set), undefined);
    assert.equal(refused(set, { target: 'edge' }), `${missing} (edge)`);
  });
});
