import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { statSync, symlinkSync } from 'node:fs';
import { openCosmos, openSqlite } from '../../../src/adapters/store/open.ts';
import { AppError } from '../../../src/domain/errors.ts';
import { handClock, runId } from '../../contract/store-fixtures.ts';
import { appended, events } from '../../contract/store-log.ts';
import { emulatorKey, startFakeCosmos } from '../../fakes/cosmos.ts';
import { tempFolder } from './files.ts';

const inUse = (error: unknown) =>
  error instanceof AppError && error.code === 'store-in-use' && /Stop the other/.test(error.fix);

describe('A store opened in a file', () => {
  const files = tempFolder();
  const clock = handClock();
  after(() => files.remove());

  it('has a log, a state and a verification on the same file', async () => {
    const opened = await openSqlite(files.path('a.sqlite'), clock);
    await opened.log.ready();
    const run = runId();
    const entries = await appended(opened.log, run, undefined, events(2));
    assert.ok((await opened.state.put({ pk: 'a', id: 'b', kind: 'c', k: 'd', body: 1 }, 'new')).ok);
    assert.equal((await opened.verify(run, entries.at(-1))).ok, true);
    await opened.log.close();
    await opened.close();
  });

  it('has one owner, under whatever name it is opened, until that one lets go', async () => {
    const path = files.path('owned.sqlite');
    const first = await openSqlite(path, clock);
    const release = await first.own();
    symlinkSync(path, files.path('link.sqlite'));
    const second = await openSqlite(files.path('link.sqlite'), clock);
    await assert.rejects(second.own(), inUse);
    assert.equal(statSync(`${path}.lock`).mode & 0o777, 0o600);
    await release();
    await release();
    await (await second.own())();
    await first.close();
    await second.close();
  });

  it('can be read by others while it is owned', async () => {
    const path = files.path('shared.sqlite');
    const owner = await openSqlite(path, clock);
    const release = await owner.own();
    const run = runId();
    await appended(owner.log, run, undefined, events(1));
    const reader = await openSqlite(path, clock);
    assert.equal((await reader.log.read(run)).length, 1);
    await reader.close();
    await release();
    await owner.close();
  });

  it('does not load the Cosmos SDK', () => {
    const open = new URL('../../../src/adapters/store/open.ts', import.meta.url).href;
    const script = `const urls = [];
      const { registerHooks } = await import('node:module');
      registerHooks({ load: (url, context, next) => (urls.push(url), next(url, context)) });
      await import(${JSON.stringify(open)});
      process.stdout.write(urls.join(' '));`;
    const loaded = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
    });
    assert.match(loaded, /cosmos-account\.ts/);
    assert.equal(loaded.includes('@azure'), false);
  });
});

describe('A store opened in Cosmos DB', () => {
  it('has one owner at a time', async () => {
    const cosmos = await startFakeCosmos();
    const settings = { endpoint: cosmos.endpoint, key: emulatorKey, database: 'owners', create: true };
    const [first, second] = [
      await openCosmos(settings, handClock()),
      await openCosmos(settings, handClock()),
    ];
    await first.log.ready();
    const release = await first.own();
    await assert.rejects(second.own(), inUse);
    await release();
    await (await second.own())();
    await first.close();
    await second.close();
    await cosmos.close();
  });
});
