import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { closeInstances, type Instance, ids, instance } from './instance.ts';

type Row = Readonly<Record<string, unknown>>;
type Call = Readonly<Record<string, unknown>>;
/** What `@hey-api/openapi-ts` made of ServiceNow's own description of the Table API. */
type TableClient = {
  readonly DefaultService: {
    getApiNowTableByTableName(call: Call): Promise<{ readonly result: readonly Row[] }>;
    postApiNowTableByTableName(call: Call): Promise<{ readonly result: Row }>;
    getApiNowTableByTableNameBySysId(call: Call): Promise<{ readonly result: Row }>;
    patchApiNowTableByTableNameBySysId(call: Call): Promise<{ readonly result: Row }>;
    deleteApiNowTableByTableNameBySysId(call: Call): Promise<unknown>;
  };
};

const folder = process.env['SERVICENOW_TABLE_CLIENT'] ?? '';
const generated = join(folder, 'dist/generated/now/table');

/**
 * The Table API client of Backstage's `@backstage-community/plugin-scaffolder-backend-module-servicenow`, generated from
 * ServiceNow's OpenAPI description. The package brings all of Backstage with it, so it is no dependency here: `.ci/run`
 * unpacks it alone; or unpack it yourself (`npm pack`) under this folder, where it finds axios, and name its folder in
 * SERVICENOW_TABLE_CLIENT.
 */
describe("Backstage's Table API client against the simulated ServiceNow", () => {
  let sn: Instance;
  let client: TableClient['DefaultService'];
  before(function () {
    if (folder !== '' && existsSync(generated)) return;
    process.stderr.write('    SKIPPED: SERVICENOW_TABLE_CLIENT names no folder with the unpacked package\n');
    this.skip();
  });
  beforeEach(async () => {
    sn = await instance();
    const load = createRequire(import.meta.url);
    const { OpenAPI } = load(join(generated, 'core/OpenAPI.cjs.js')) as { OpenAPI: Record<string, unknown> };
    Object.assign(OpenAPI, { BASE: sn.url, USERNAME: 'person', PASSWORD: 'pw' });
    client = (load(join(generated, 'services.cjs.js')) as TableClient).DefaultService;
  });
  afterEach(closeInstances);

  it('creates, reads, queries, changes and deletes an incident', async () => {
    const tableName = 'incident';
    const made = await client.postApiNowTableByTableName({
      tableName,
      requestBody: { short_description: 'shop is down', state: 'In Progress', assignment_group: ids.webTeam },
      sysparmInputDisplayValue: true,
    });
    const sysId = made.result['sys_id'];
    assert.equal(made.result['state'], '2');
    const read = await client.getApiNowTableByTableNameBySysId({
      tableName,
      sysId,
      sysparmDisplayValue: 'all',
      sysparmFields: 'state,assignment_group',
      sysparmExcludeReferenceLink: true,
    });
    assert.deepEqual(read.result, {
      state: { display_value: 'In Progress', value: '2' },
      assignment_group: { display_value: 'Web Team', value: ids.webTeam },
    });
    const found = await client.getApiNowTableByTableName({
      tableName,
      sysparmQuery: 'short_descriptionSTARTSWITHshop^state=2^ORDERBYDESCnumber',
      sysparmLimit: 5,
      sysparmFields: 'number',
    });
    assert.deepEqual(found.result, [{ number: made.result['number'] }]);
    const changed = await client.patchApiNowTableByTableNameBySysId({
      tableName,
      sysId,
      requestBody: { work_notes: 'looked at it', urgency: '1' },
    });
    assert.equal(changed.result['sys_mod_count'], '1');
    await client.deleteApiNowTableByTableNameBySysId({ tableName, sysId });
    await assert.rejects(client.getApiNowTableByTableNameBySysId({ tableName, sysId }), { status: 404 });
  });

  it('is told what a data policy wants, and that it is not let in', async () => {
    const made = await client.postApiNowTableByTableName({
      tableName: 'incident',
      requestBody: { impact: '1' },
    });
    const call = { tableName: 'incident', sysId: made.result['sys_id'], requestBody: { state: '6' } };
    await assert.rejects(client.patchApiNowTableByTableNameBySysId(call), (error: unknown) => {
      const { status, body } = error as { status: number; body: { error: { detail: string } } };
      assert.equal(status, 403);
      assert.match(body.error.detail, /Data Policy Exception/);
      return true;
    });
    await assert.rejects(client.getApiNowTableByTableName({ tableName: 'no_such' }), { status: 400 });
  });
});
