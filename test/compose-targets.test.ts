import assert from 'node:assert/strict';
import { loadCatalogue } from '../src/adapters/catalogue/load.ts';
import { makeTargets } from '../src/compose-targets.ts';
import { type Environment, readConfig } from '../src/config.ts';
import { AppError } from '../src/domain/errors.ts';
import { startOpsApi } from '../src/sandbox/ops-api/server.ts';
import * as f from './fakes/domain.ts';

const settings = {
  MICROSOFT_APP_TENANT_ID: 'tenant-1',
  SERVICENOW_URL: 'http://127.0.0.1:1',
  SERVICENOW_USER: 'handrail',
  SERVICENOW_PASSWORD: 'pass',
  SERVICENOW_WEBHOOK_SECRET: `whsec_${Buffer.alloc(32, 1).toString('base64')}`,
  OPS_API_URL: 'http://127.0.0.1:1',
  OPS_API_TOKEN: 'token-of-the-ops-api',
  AWX_URL: 'http://127.0.0.1:1',
  AWX_TOKEN: 'token-of-awx',
  JENKINS_URL: 'http://127.0.0.1:1',
  JENKINS_USER: 'handrail',
  JENKINS_TOKEN: 'token-of-jenkins',
};
type Change = Readonly<Record<string, string | undefined>>;
const config = (change: Change = {}): Environment =>
  readConfig(
    Object.fromEntries(Object.entries({ ...settings, ...change }).filter(([, value]) => value !== undefined)),
  );
const configInvalid = (says: RegExp) => (error: unknown) => {
  assert.ok(error instanceof AppError);
  assert.match(`${error.code} ${error.message} ${error.fix}`, says);
  return true;
};
const allowed = ['recycle'];
const catalogueWith = (targets: Readonly<Record<string, unknown>>) => ({
  runbooks: new Map([['recycle', f.runbook()]]),
  policy: f.policy({ targets }),
});

describe('the targets made from the policy', () => {
  it('gives a target only the secrets that some runbook names', async () => {
    const got: unknown[] = [];
    const ops = await startOpsApi({
      token: settings.OPS_API_TOKEN,
      jobs: { show: async (parameters) => void got.push(parameters) },
    });
    process.env['HANDRAIL_SECRET_NAMED'] = 'the-value';
    process.env['HANDRAIL_SECRET_UNNAMED'] = 'not-yours';
    try {
      const loaded = f.runbook({
        parameters: {
          token: { type: 'secret', title: 'Token', reference: 'NAMED' },
          pool: { type: 'string', title: 'P' },
        },
      });
      const catalogue = { runbooks: new Map([['recycle', loaded]]), policy: f.policy() };
      const target = makeTargets(config({ OPS_API_URL: ops.url }), catalogue).get('ops');
      const launch = (value: string, n: number) =>
        target?.launch({
          job: 'show',
          parameters: { value },
          executionId: `00000000-0000-4000-8000-00000000000${n}`,
          runId: f.RUN,
        });
      await launch('secret:NAMED', 1);
      for (let n = 0; n < 500 && got.length === 0; n++)
        await new Promise((resolve) => setTimeout(resolve, 10));
      assert.deepEqual(got, [{ value: 'the-value' }]);
      await assert.rejects(
        Promise.resolve(launch('secret:UNNAMED', 2)),
        configInvalid(/config-invalid .*UNNAMED/),
      );
      assert.equal(got.length, 1);
    } finally {
      delete process.env['HANDRAIL_SECRET_NAMED'];
      delete process.env['HANDRAIL_SECRET_UNNAMED'];
      await ops.close();
    }
  });

  it('asks no target for new work that has left several questions without an answer', async () => {
    const target = makeTargets(
      config(),
      catalogueWith({ jenkins: { kind: 'jenkins', runbooks: allowed } }),
    ).get('jenkins');
    const away = /target-unreachable jenkins \(127.0.0.1:1\) did not answer/;
    const launch = {
      job: 'j',
      parameters: {},
      executionId: '00000000-0000-4000-8000-000000000001',
      runId: f.RUN,
    };
    for (const _ of [1, 2, 3])
      await assert.rejects(Promise.resolve(target?.find(launch.executionId)), configInvalid(away));
    await assert.rejects(
      Promise.resolve(target?.launch(launch)),
      configInvalid(/jenkins has not answered since/),
    );
  });

  it('loads what is shipped with targets it can make', async () => {
    const catalogue = await loadCatalogue('runbooks', f.T0);
    const targets = makeTargets(config(), catalogue);
    for (const name of Object.keys(catalogue.policy.policy.targets))
      assert.ok(targets.has(name), `no target ${name}`);
  });

  it('reads the settings of each by its kind, or by the name the policy gives them', () => {
    process.env['AWX_EU_URL'] = 'https://awx.eu.example';
    process.env['AWX_EU_TOKEN'] = 'token-of-europe';
    try {
      const catalogue = catalogueWith({
        ops: { runbooks: allowed },
        awx: { kind: 'awx', runbooks: allowed },
        europe: { kind: 'awx', settings: 'AWX_EU', hosts: ['awx.eu.example'], runbooks: allowed },
      });
      const targets = makeTargets(config(), catalogue);
      assert.deepEqual([...targets.keys()], ['ops', 'awx', 'europe']);
      assert.deepEqual(
        [...targets.values()].map(({ idempotent }) => idempotent),
        [true, false, false],
      );
    } finally {
      delete process.env['AWX_EU_URL'];
      delete process.env['AWX_EU_TOKEN'];
    }
  });

  it('names every setting that is missing, with the target that needs it, and no other', () => {
    const catalogue = catalogueWith({
      ops: { runbooks: allowed },
      europe: { kind: 'awx', settings: 'AWX_EU', runbooks: allowed },
    });
    const change = { OPS_API_TOKEN: undefined, AWX_URL: undefined, AWX_TOKEN: undefined };
    assert.throws(
      () => makeTargets(config(change), catalogue),
      (error: unknown) => {
        assert.ok(error instanceof AppError);
        assert.deepEqual(error.message.split('\n').slice(1), [
          '  OPS_API_TOKEN is missing: target ops (ops-api) needs it',
          '  AWX_EU_URL is missing: target europe (awx) needs it',
          '  AWX_EU_TOKEN is missing: target europe (awx) needs it',
        ]);
        return true;
      },
    );
  });

  it('takes the address of Azure Automation from the policy as well', () => {
    const account = `/subscriptions/${'0'.repeat(8)}-0000-4000-8000-000000000000/resourceGroups/ops/providers/Microsoft.Automation/automationAccounts/handrail`;
    const catalogue = catalogueWith({
      azure: { kind: 'azure-automation', hosts: ['management.azure.com'], runbooks: allowed },
    });
    const make = (url: string) =>
      makeTargets(config({ AZURE_AUTOMATION_ACCOUNT: account, AZURE_MONITOR_URL: url }), catalogue);
    assert.equal(make('https://management.azure.com').get('azure')?.idempotent, true);
    assert.throws(
      () => make('https://elsewhere.example'),
      configInvalid(/AZURE_MONITOR_URL is at elsewhere/),
    );
  });

  for (const [address, hosts, fits] of [
    ['https://awx.example', ['awx.example'], true],
    ['https://awx.example:8443', ['awx.example'], true],
    ['https://awx.example:8443', ['awx.example:8443'], true],
    ['https://awx.example:8444', ['awx.example:8443'], false],
    ['https://awx.example.attacker.example', ['awx.example'], false],
    ['https://awx.example@attacker.example', ['awx.example'], false],
    ['https://attacker.example/awx.example', ['awx.example'], false],
  ] as const)
    it(`${fits ? 'lets' : 'does not let'} a target be at ${address} where the policy says ${hosts.join()}`, () => {
      const catalogue = catalogueWith({ awx: { kind: 'awx', hosts, runbooks: allowed } });
      const make = () => makeTargets(config({ AWX_URL: address }), catalogue);
      if (fits) assert.equal(make().size, 1);
      else assert.throws(make, configInvalid(/config-invalid [\s\S]*AWX_URL is at .*, but policy\.yaml/));
    });
});
