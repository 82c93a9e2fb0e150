import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const repository = path.resolve(import.meta.dirname, '../..');

describe('the script of continuous integration', () => {
  let root: string;
  before(function () {
    if (process.platform === 'win32') this.skip();
  });
  beforeEach(() => {
    root = fs.mkdtempSync(path.join(os.tmpdir(), 'handrail ci '));
    fs.cpSync(path.join(repository, '.ci'), path.join(root, '.ci'), { recursive: true });
    fs.symlinkSync(path.join(repository, 'node_modules'), path.join(root, 'node_modules'));
    fs.mkdirSync(path.join(root, 'bin'));
    const mocha = path.join(repository, 'node_modules/mocha/bin/mocha.js');
    const npm = `#!/bin/sh\n[ "$1" = test ] && exec '${process.execPath}' '${mocha}' --no-config suite.cjs\n`;
    fs.writeFileSync(path.join(root, 'bin/npm'), npm, { mode: 0o755 });
    // what it would otherwise install
    for (const name of ['browser', 'prometheus', 'python3'])
      fs.writeFileSync(path.join(root, 'bin', name), '', { mode: 0o755 });
  });
  afterEach(() => fs.rmSync(root, { recursive: true, force: true }));

  function run(suite: string) {
    fs.writeFileSync(path.join(root, 'suite.cjs'), suite);
    const env = { PATH: `${root}/bin:/usr/bin:/bin`, CI: 'true', HANDRAIL_BROWSER: `${root}/bin/browser` };
    const { status, stdout } = spawnSync(path.join(root, '.ci/run'), { cwd: '/', env, encoding: 'utf8' });
    return { status, last: stdout.trimEnd().split('\n').at(-1) };
  }

  it('ends with the tally and succeeds when all tests pass', () => {
    const outcome = run(`it('one', () => {}); it('9 failing', () => {}); it.skip('two', () => {});`);
    assert.deepEqual(outcome, { status: 0, last: '2 passed, 0 failed, 1 skipped' });
  });

  it('says what could not be had, and runs the tests without it', () => {
    const bin = path.join(root, 'poor');
    fs.mkdirSync(bin);
    // what a bare machine has; a browser and a Prometheus are not among it
    for (const tool of 'bash cat dirname env id mkdir mktemp rm sh sha256sum tar timeout'.split(' ')) {
      const found = ['/usr/bin', '/bin'].map((folder) => path.join(folder, tool)).find(fs.existsSync);
      fs.symlinkSync(found ?? '', path.join(bin, tool));
    }
    fs.copyFileSync(path.join(root, 'bin/npm'), path.join(bin, 'npm'));
    const tried = path.join(root, 'tried');
    const apt = `#!/bin/sh\necho "$*" >> '${tried}'\nexit 100\n`;
    fs.writeFileSync(path.join(bin, 'apt-get'), apt, { mode: 0o755 });
    fs.writeFileSync(path.join(bin, 'sudo'), '#!/bin/sh\nshift\nexec "$@"\n', { mode: 0o755 });
    fs.writeFileSync(path.join(root, 'suite.cjs'), `it('one', () => {});`);
    const env = { PATH: bin, CI: 'true' };
    const { status, stdout, stderr } = spawnSync(path.join(root, '.ci/run'), { env, encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    assert.equal(stdout.trimEnd().split('\n').at(-1), '1 passed, 0 failed, 0 skipped');
    for (const name of ["Debian's chromium", "Debian's prometheus", 'the client of the Table API'])
      assert.match(stderr, new RegExp(`${name} could not be (installed|had); going on without it`));
    const asked = fs.readFileSync(tried, 'utf8').trimEnd().split('\n');
    assert.equal(asked.filter((one) => one === 'update').length, 1);
    assert.ok(asked.some((one) => /--download-only prometheus$/.test(one)));
  });

  it('fails when a test fails', () => {
    const outcome = run(`it('one', () => {}); it('two', () => { throw new Error(); });`);
    assert.deepEqual(outcome, { status: 1, last: '1 passed, 1 failed, 0 skipped' });
  });

  it('fails when no test ran', () => {
    assert.deepEqual(run(''), { status: 1, last: '0 passed, 0 failed, 0 skipped' });
  });

  it('fails when the tests could not even be loaded', () => {
    const { status, last } = run('throw new Error()');
    assert.notEqual(status, 0);
    assert.equal(last, '0 passed, 0 failed, 0 skipped');
  });
});
