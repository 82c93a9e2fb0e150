import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { entraDirectory } from '../../src/adapters/directory/entra-directory.ts';
import { servicenow } from '../../src/adapters/servicenow/itsm.ts';
import type { Directory, Itsm } from '../../src/ports.ts';
import { groups, nadia, onCall, roles } from '../../src/sandbox/people.ts';
import { plantedSysId } from '../../src/sandbox/servicenow/state.ts';
import { integrationUser, startWorld, type World } from '../../src/sandbox/world.ts';

const server = (name: string) => plantedSysId('cmdb_ci_app_server', { name });

describe('the people and things of the simulated world', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'handrail seed '));
  let world: World;
  let itsm: Itsm;
  let directory: Directory;
  before(async () => {
    world = await startWorld({ directory: folder, eventsUrl: 'http://127.0.0.1:9/api/servicenow/events' });
    const { info } = world;
    itsm = servicenow({
      baseUrl: info.servicenow,
      auth: { kind: 'basic', user: integrationUser, password: info.integrationPassword },
      integrationUser,
      timeoutMs: 5_000,
    });
    directory = entraDirectory({
      baseUrl: info.graph,
      getToken: () => Promise.resolve(info.graphToken),
      timeoutMs: 5_000,
    });
  });
  after(async () => {
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  });

  for (const { person } of roles)
    it(`know ${person.name} by her or his email address`, async () => {
      assert.deepEqual(await directory.person(person.email), { id: person.aadObjectId, name: person.name });
    });

  it('know the author of the runbooks by her principal name', async () => {
    assert.equal((await directory.person('nadia.novak@contoso.example'))?.id, nadia.aadObjectId);
  });

  it('list the members of every group', async () => {
    for (const group of groups)
      assert.deepEqual((await directory.members(group.id)).toSorted(), [...group.members].toSorted());
  });

  it('have somebody on call for both assignment groups, whom the directory knows', async () => {
    for (const { group, people } of onCall) {
      const emails = await itsm.onCall(group, new Date());
      assert.deepEqual(
        emails,
        people.map(({ email }) => email),
      );
    }
  });

  it('have a critical service and others on the shop, and little on its test server', async () => {
    const shop = await itsm.relations(server('shop-web-01'));
    assert.deepEqual(shop?.dependents.map(({ name, criticality }) => [name, criticality]).toSorted(), [
      ['Contoso Shop', 2],
      ['Order fulfilment', 3],
      ['Shop mobile gateway', undefined],
    ]);
    const test = await itsm.relations(server('shop-web-test'));
    assert.deepEqual(
      test?.dependents.map(({ name }) => name),
      ['Nightly shop tests'],
    );
  });

  it('have a service with a criticality on every production server', async () => {
    for (const name of ['shop-web-01', 'checkout-web-01', 'search-web-01', 'legacy-web-01']) {
      const found = await itsm.relations(server(name));
      assert.ok(
        found?.dependents.some(({ criticality }) => criticality !== undefined),
        name,
      );
    }
  });

  it('have no major incident and no closed time to begin with', async () => {
    const now = new Date();
    assert.deepEqual(await itsm.majorIncidents([server('shop-web-01')]), []);
    const tomorrow = new Date(now.getTime() + 86_400_000);
    assert.deepEqual(await itsm.schedule(server('shop-web-01'), now, tomorrow), []);
  });
});
