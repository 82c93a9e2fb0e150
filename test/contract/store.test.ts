import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCosmosStore } from '../../src/adapters/store/cosmos.ts';
import { openSqliteStore } from '../../src/adapters/store/sqlite.ts';
import { emulatorKey, type FakeCosmos, startFakeCosmos } from '../fakes/cosmos.ts';
import { storeContract, type Target } from './store.ts';
import { handClock, mark } from './store-fixtures.ts';
import { storeListContract } from './store-lists.ts';
import { eventLogContract } from './store-log.ts';
import { stateContract } from './store-state.ts';
import { tamperContract } from './store-tamper.ts';

const contract = (target: () => Target) => {
  for (const part of [storeContract, storeListContract, eventLogContract, tamperContract, stateContract])
    part(target);
};

describe('the store contract on SQLite', () => {
  const folder = mkdtempSync(join(tmpdir(), 'handrail-store-'));
  const clock = handClock();
  let target: Target;
  before(() => {
    target = { clock, store: openSqliteStore(join(folder, 'store.sqlite'), clock) };
  });
  after(async () => {
    await target.store.close();
    rmSync(folder, { recursive: true });
  });
  contract(() => target);
});

describe('the store contract on Cosmos DB (in-process emulator)', () => {
  const clock = handClock();
  let target: Target;
  let cosmos: FakeCosmos;
  before(async () => {
    cosmos = await startFakeCosmos();
    const settings = { endpoint: cosmos.endpoint, key: emulatorKey, database: mark(), create: true };
    target = { clock, store: await openCosmosStore(settings, clock) };
    await target.store.ready();
  });
  after(async () => {
    await target.store.close();
    await cosmos.close();
  });
  contract(() => target);
});

const { COSMOS_ENDPOINT, COSMOS_KEY, COSMOS_DATABASE, COSMOS_CREATE } = process.env;

if (COSMOS_ENDPOINT === undefined) console.log('SKIPPED real Cosmos: set COSMOS_ENDPOINT');
else
  describe(`the store contract on Cosmos DB at ${new URL(COSMOS_ENDPOINT).host}`, () => {
    const clock = handClock();
    let target: Target;
    before(async () => {
      const settings = {
        endpoint: COSMOS_ENDPOINT,
        key: COSMOS_KEY,
        database: COSMOS_DATABASE ?? 'handrail',
        create: COSMOS_CREATE === '1',
      };
      target = { clock, store: await openCosmosStore(settings, clock) };
      await target.store.ready();
    });
    after(() => target.store.close());
    contract(() => target);
  });
