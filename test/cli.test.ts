import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqlite } from '../src/adapters/store/open.ts';
import { finish, keep, keepRefusal, readOpen } from '../src/flow/intake-record.ts';

describe('the command line', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'handrail-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const handrail = (...args: string[]) => {
    const env = { ...process.env, HANDRAIL_DATA: folder };
    const { status, stdout, stderr } = spawnSync(process.execPath, ['src/cli.ts', ...args], {
      encoding: 'utf8',
      env,
      timeout: 50_000,
    });
    assert.doesNotMatch(stderr, /^\s+at /m, 'a stack was shown');
    return { status, stdout, stderr };
  };

  it('ends quietly when nobody reads on', () => {
    const { stderr } = spawnSync('sh', ['-c', '"$0" src/cli.ts test | true', process.execPath], {
      encoding: 'utf8',
      timeout: 50_000,
    });
    assert.equal(stderr, '');
  });

  it('lists its commands when it is given none, or one it does not know', () => {
    for (const args of [[], ['launch'], ['constructor']]) {
      const { status, stdout } = handrail(...args);
      assert.equal(status, 2);
      assert.match(stdout, /^usage: handrail <command>/);
      for (const name of [
        'incident',
        'lint',
        'test',
        'simulate',
        'backtest',
        'schema',
        'audit',
        'inbox',
        'config-table',
      ])
        assert.match(stdout, new RegExp(`^ {2}${name} `, 'm'));
    }
  });

  it('finds nothing in order in a folder that holds no store, and makes none', () => {
    for (const args of [['audit', 'verify'], ['audit', 'show', 'ABCDE'], ['inbox']]) {
      const { status, stderr } = handrail(...args);
      assert.equal(status, 1);
      assert.match(stderr, /there is no store in .*\nSet HANDRAIL_DATA to the folder/);
    }
    assert.deepEqual(readdirSync(folder), []);
  });

  it('does not take an audit command it does not know for the name of a run', () => {
    for (const args of [[], ['show'], ['verfy']]) {
      const { status, stderr } = handrail('audit', ...args);
      assert.equal(status, 1);
      assert.match(
        stderr,
        /audit knows show <code\|run> and verify, not ".*"\nRun `node src\/cli\.ts` without/,
      );
    }
  });

  it('lists what became of events, newest first, and only what failed or waits when that is asked for', async () => {
    const at = { now: new Date('2026-11-22T09:00:00Z') };
    const store = await openSqlite(join(folder, 'handrail.db'), { now: () => at.now });
    await store.log.ready();
    const kept = { state: store.state, clock: { now: () => at.now } };
    const entry = { bodyHash: 'h', sysId: 'a'.repeat(32), modCount: 1, outcome: '' };
    await keep(kept, 'first', entry);
    const open = await readOpen(kept, 'first');
    if (open !== undefined) await finish(kept, open, 'proposed: run X', 'INC0010001');
    at.now = new Date('2026-11-22T09:00:01Z');
    await keep(kept, 'second', entry);
    at.now = new Date('2026-11-22T09:00:02Z');
    await keepRefusal(kept, 'third', 'refused: its signature does not fit');
    await store.close();
    const lines = [
      '2026-11-22T09:00:02.000Z  -  third  refused: its signature does not fit',
      '2026-11-22T09:00:01.000Z  -  second  waits',
      '2026-11-22T09:00:00.000Z  INC0010001  first  proposed: run X',
      '',
    ];
    assert.equal(handrail('inbox').stdout, lines.join('\n'));
    assert.equal(handrail('inbox', '--failed').stdout, [...lines.slice(0, 2), ''].join('\n'));
  });

  it('says when there are no events, and which options it does not know', async () => {
    await (await openSqlite(join(folder, 'handrail.db'), { now: () => new Date() })).close();
    assert.equal(handrail('inbox').stdout, 'There are none.\n');
    const { status, stderr } = handrail('inbox', '--faild');
    assert.equal(status, 1);
    assert.match(stderr, /inbox knows --failed alone, not --faild/);
  });

  it('lints what is shipped, and names each file with the start of its hash', () => {
    const { status, stdout } = handrail('lint');
    assert.equal(status, 0);
    assert.match(stdout, /^ok {2}iis-app-pool-recycle \d+\.\d+\.\d+ [0-9a-f]{12}$/m);
    assert.match(stdout, /^ok {2}policy \S+ [0-9a-f]{12}$/m);
  });

  it('fails a lint with file, line, field and what to do', () => {
    cpSync('runbooks', folder, { recursive: true });
    const file = join(folder, 'iis-app-pool-recycle.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/^owner: .*$/m, 'owned: by nobody'));
    const { status, stdout, stderr } = handrail('lint', folder);
    assert.deepEqual([status, stdout], [1, '']);
    assert.match(stderr, /iis-app-pool-recycle\.yaml:\d+ owned: there is no such field/);
    assert.match(stderr, /Correct the lines named above/);
  });

  it('fails a lint on servicenow.yaml in the same way', () => {
    const own = join(folder, 'own');
    cpSync('runbooks', own, { recursive: true });
    writeFileSync(join(own, 'servicenow.yaml'), 'incident:\n  states: { resolved: 6 }\n');
    const { status, stderr } = handrail('lint', own);
    assert.equal(status, 1);
    assert.match(stderr, /servicenow\.yaml:2 incident\.states\.resolved: /);
  });

  it('plays the policy cases that are shipped, and fails with a fault that it names', () => {
    const { status, stdout } = handrail('test');
    assert.equal(status, 0);
    assert.match(stdout, /^\d+ cases: \d+ as wanted, 0 not$/m);
    const nowhere = handrail('test', folder);
    assert.deepEqual([nowhere.status, nowhere.stdout], [1, '']);
    assert.match(nowhere.stderr, /there are no cases in .*\n.*Name a folder/);
  });

  it('writes the schemas that editors use', () => {
    assert.equal(handrail('schema', join(folder, 'new')).status, 0);
    for (const name of ['runbook', 'policy', 'policy-case'])
      assert.equal(
        readFileSync(join(folder, 'new', `${name}.schema.json`), 'utf8'),
        readFileSync(`runbooks/${name}.schema.json`, 'utf8'),
      );
  });

  it('says what is missing when an incident is raised and no sandbox runs', () => {
    const { status, stderr } = handrail('incident', 'iis-5xx');
    assert.equal(status, 1);
    assert.match(stderr, /npm start/);
  });
});
