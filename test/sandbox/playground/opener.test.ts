import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathWithOpener } from '../../../src/sandbox/playground/opener.ts';

describe('keeping the playground from opening a browser', () => {
  const opener = process.platform === 'darwin' ? 'open' : 'xdg-open';
  let root: string;
  before(function () {
    if (process.platform === 'win32') this.skip();
    root = fs.mkdtempSync(path.join(os.tmpdir(), 'handrail opener '));
  });
  after(() => root && fs.rmSync(root, { recursive: true, force: true }));

  it('puts an opener that does nothing in front when no page shall be opened', () => {
    const directory = path.join(root, 'quiet');
    assert.equal(pathWithOpener('/usr/bin', directory, false), `${directory}:/usr/bin`);
    assert.equal(execFileSync(path.join(directory, opener), ['http://localhost']).toString(), '');
  });

  it('does the same where there is no opener, because the playground would end', () => {
    const directory = path.join(root, 'none');
    assert.equal(pathWithOpener(root, directory, true), `${directory}:${root}`);
  });

  it('leaves the opener of the machine alone when the page shall be opened', () => {
    const existing = path.join(root, 'existing');
    fs.mkdirSync(existing);
    fs.writeFileSync(path.join(existing, opener), '');
    assert.equal(pathWithOpener(existing, path.join(root, 'unused'), true), existing);
    assert.equal(fs.existsSync(path.join(root, 'unused')), false);
  });
});
