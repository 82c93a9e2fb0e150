import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';

const repository = path.resolve(import.meta.dirname, '../..');

/** Stands in for npm: writes down how it was called, then installs, fails like a machine without network, or hangs. */
const fakeNpm = `#!${process.execPath}
const fs = require('node:fs');
fs.appendFileSync('npm-calls.log', JSON.stringify([process.argv.slice(2), process.env.npm_config_engine_strict]) + '\\n');
if (fs.existsSync('offline')) { console.error('npm error code ENOTFOUND'); process.exit(1); }
const lock = JSON.parse(fs.readFileSync('package-lock.json', 'utf8'));
setTimeout(() => {
  const { '': own, ...packages } = lock.packages;
  for (const [place, entry] of Object.entries(packages)) {
    if (entry.optional) { delete packages[place]; continue; }
    fs.mkdirSync(place, { recursive: true });
    fs.writeFileSync(place + '/package.json', '{}');
  }
  fs.mkdirSync('node_modules/.bin', { recursive: true });
  fs.writeFileSync('node_modules/.bin/tool', '#!/bin/sh\\necho "tool got $1"\\n', { mode: 0o755 });
  fs.writeFileSync('node_modules/.package-lock.json', JSON.stringify({ packages }));
}, Number(fs.existsSync('slow') ? 1500 : 0));
`;

const entry = (version: string) => ({ version, integrity: `sha512-${version}` });

describe('the start on a fresh machine', () => {
  let root: string;
  const file = (name: string) => path.join(root, name);
  const calls = () =>
    fs.existsSync(file('npm-calls.log'))
      ? fs.readFileSync(file('npm-calls.log'), 'utf8').trim().split('\n')
      : [];
  const lock = (packages: object) =>
    fs.writeFileSync(file('package-lock.json'), JSON.stringify({ packages }));

  beforeEach(() => {
    root = fs.mkdtempSync(path.join(os.tmpdir(), 'handrail start '));
    for (const name of ['src', 'bin']) fs.mkdirSync(file(name));
    for (const name of ['bootstrap.mjs', 'install-lock.mjs']) {
      fs.copyFileSync(path.join(repository, 'src', name), file(`src/${name}`));
    }
    fs.writeFileSync(file('bin/npm'), fakeNpm, { mode: 0o755 });
    lock({
      '': {},
      'node_modules/one': entry('1.0.0'),
      'node_modules/mac': { ...entry('1.0.0'), optional: true },
    });
  });
  afterEach(() => fs.rmSync(root, { recursive: true, force: true }));

  function start(args: readonly string[], PATH = `${file('bin')}:/usr/bin:/bin`): ChildProcess {
    const env = { PATH, HOME: root };
    return spawn(process.execPath, ['src/bootstrap.mjs', ...args], {
      cwd: root,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }
  async function finish(child: ChildProcess) {
    assert.ok(child.stdout && child.stderr);
    const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
      child.on('close', (code, signal) => resolve({ code, signal }));
    });
    const [out, err, end] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    return { out, err, ...end };
  }
  const runs = (...args: string[]) => finish(start(args));

  it('installs once, without install scripts, and then starts the command at once', async () => {
    const first = await runs('node', '-p', '"up"');
    assert.deepEqual([first.code, first.out], [0, 'up\n'], first.err);
    const [call = ''] = calls();
    for (const flag of ['install', '--no-save', '--ignore-scripts', '--include=dev'])
      assert.ok(call.includes(`"${flag}"`));
    assert.ok(call.endsWith('"false"]'), 'engine-strict must not stop an older Node.js');
    const second = await runs('node', '-p', '"up"');
    assert.deepEqual([second.out, second.err, calls().length], ['up\n', '', 1]);
  });

  it('installs again when the lock file has changed', async () => {
    await runs('node', '-v');
    lock({ '': {}, 'node_modules/one': entry('1.0.1') });
    await runs('node', '-v');
    assert.equal(calls().length, 2);
  });

  it('clears away and replaces a tree that a dead install left behind', async () => {
    fs.mkdirSync(file('node_modules/half'), { recursive: true });
    await runs('node', '-v');
    assert.equal(fs.existsSync(file('node_modules/half')), false);
    fs.rmSync(file('node_modules/one/package.json'));
    const repaired = await runs('node', '-v');
    assert.deepEqual([repaired.code, calls().length], [0, 2]);
  });

  it('installs again when the tree was made for another operating system', async () => {
    await runs('node', '-v');
    const record = file('node_modules/.package-lock.json');
    const { packages } = JSON.parse(fs.readFileSync(record, 'utf8'));
    packages['node_modules/binary'] = { ...entry('1.0.0'), os: ['!linux', '!darwin', '!win32'] };
    fs.writeFileSync(record, JSON.stringify({ packages }));
    await runs('node', '-v');
    assert.equal(calls().length, 2);
  });

  it('puts the installed tools first and passes arguments and the exit code on', async () => {
    assert.equal((await runs('tool', 'a b')).out, 'tool got a b\n');
    assert.equal((await runs('node', '-e', 'process.exit(7)')).code, 7);
  });

  it('keeps the chatter of the installation off stdout', async () => {
    const { out } = await runs('node', '-p', '1');
    assert.equal(out, '1\n');
  });

  it('passes a signal to the command and ends the way the command ended', async () => {
    const child = start([
      'node',
      '-e',
      'process.on("SIGTERM", () => process.exit(9)); setInterval(() => 1, 1e6); console.log(1)',
    ]);
    child.stdout?.once('data', () => child.kill('SIGTERM'));
    assert.equal((await finish(child)).code, 9);
    const dying = start(['node', '-e', 'setInterval(() => 1, 1e6); console.log(1)']);
    dying.stdout?.once('data', () => dying.kill('SIGTERM'));
    assert.equal((await finish(dying)).signal, 'SIGTERM');
  });

  it('lets one of two starts install while the other waits for it', async () => {
    fs.writeFileSync(file('slow'), '');
    const both = await Promise.all([runs('node', '-p', '1'), runs('node', '-p', '2')]);
    assert.deepEqual(
      both.map(({ code }) => code),
      [0, 0],
    );
    assert.equal(calls().length, 1);
    assert.match(both.map(({ err }) => err).join(''), /another start is installing/);
  });

  it('takes over the install lock of a process that died', async () => {
    const dead = spawn(process.execPath, ['-e', '']);
    await new Promise((resolve) => dead.on('close', resolve));
    fs.mkdirSync(file('.data'));
    fs.writeFileSync(file('.data/install.lock'), `${dead.pid} ${os.hostname()} 1`);
    assert.equal((await runs('node', '-p', '1')).code, 0);
    assert.equal(fs.existsSync(file('.data/install.lock')), false);
  });

  it('says what to do when the registry cannot be reached', async () => {
    fs.writeFileSync(file('offline'), '');
    const { code, err } = await runs('node', '-v');
    assert.equal(code, 1);
    assert.match(err, /registry could not be reached.*proxy.*start again/);
    assert.doesNotMatch(err, /\n {4}at /);
  });

  it('says what to do when there is no npm', async () => {
    const empty = file('src');
    const { code, err } = await finish(start(['node', '-v'], empty));
    assert.equal(code, 1);
    assert.match(err, /npm was not found.*Install Node\.js 24/);
  });

  it('says what to do when the installed packages are not those of the lock file', async () => {
    lock({ '': {}, 'node_modules/one': { ...entry('1.0.0') }, 'node_modules/two': entry('2.0.0') });
    fs.writeFileSync(file('bin/npm'), '#!/bin/sh\nmkdir node_modules\n', { mode: 0o755 });
    assert.match((await runs('node', '-v')).err, /not those of package-lock\.json/);
  });

  it('names a command that does not exist', async () => {
    const { code, err } = await runs('no-such-tool');
    assert.equal(code, 1);
    assert.match(err, /no-such-tool could not be started/);
  });
});
