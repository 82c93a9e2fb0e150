import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import type { Machine } from '../../src/sandbox/browser.ts';
import { ensureBrowser, findBrowser } from '../../src/sandbox/browser.ts';

type Changes = Partial<Omit<Machine, 'exists'>> & { readonly files?: readonly string[] };

/** A machine with these files on which every command fails, unless told otherwise. */
function machine({ files = [], ...changes }: Changes = {}): Machine {
  return {
    platform: 'linux',
    arch: 'x64',
    env: { PATH: '/opt/tools:/usr/local/bin' },
    isRoot: false,
    exists: (file) => files.includes(file),
    run: async () => 1,
    ...changes,
  };
}

describe('finding a browser', () => {
  it('takes the one that HANDRAIL_BROWSER names', () => {
    const env = { HANDRAIL_BROWSER: '/mine' };
    assert.equal(findBrowser(machine({ env, files: ['/mine', '/usr/bin/chromium'] })), '/mine');
  });

  it('complains when the named one does not exist, instead of taking another', () => {
    const env = { HANDRAIL_BROWSER: '/mine' };
    assert.throws(() => findBrowser(machine({ env, files: ['/usr/bin/chromium'] })), {
      code: 'config-invalid',
      message: /\/mine/,
    });
  });

  const windows = {
    platform: 'win32',
    env: { PROGRAMFILES: 'C:\\Programs', LOCALAPPDATA: 'C:\\Own' },
  } as const;
  const mac = { platform: 'darwin', env: { HOME: '/Users/ada' } } as const;
  const places: [string, Changes, string][] = [
    ['on PATH', {}, '/usr/local/bin/google-chrome'],
    ['of Debian', {}, '/usr/bin/chromium'],
    ['of Google on Linux', {}, '/opt/google/chrome/chrome'],
    ['of all people on a Mac', mac, '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'],
    ['of one person on a Mac', mac, '/Users/ada/Applications/Chromium.app/Contents/MacOS/Chromium'],
    ['that comes with Windows', windows, 'C:\\Programs\\Microsoft\\Edge\\Application\\msedge.exe'],
    ['of one person on Windows', windows, 'C:\\Own\\Google\\Chrome\\Application\\chrome.exe'],
  ];
  for (const [name, changes, file] of places) {
    it(`finds the one ${name}`, () =>
      assert.equal(findBrowser(machine({ ...changes, files: [file] })), file));
  }

  it('finds none where there is none', () => assert.equal(findBrowser(machine()), undefined));
});

describe('making sure of a browser', () => {
  let directory: string;
  beforeEach(() => {
    directory = fs.mkdtempSync(path.join(os.tmpdir(), 'handrail browser '));
  });
  afterEach(() => fs.rmSync(directory, { recursive: true, force: true }));

  const isVersion = (args: readonly string[]) => args[0] === '--version';

  it('takes an installed one that starts', async () => {
    const run: Machine['run'] = async (_, args) => (isVersion(args) ? 0 : 1);
    assert.equal(
      await ensureBrowser({ directory, machine: machine({ files: ['/usr/bin/chromium'], run }) }),
      '/usr/bin/chromium',
    );
  });

  it('fetches one from the registry, once, when the installed one does not start', async () => {
    const installs: (readonly string[])[] = [];
    const run: Machine['run'] = async (command, args) => {
      if (isVersion(args)) return command === '/usr/bin/chromium' ? 127 : 0;
      if (command !== 'npm') return 1;
      installs.push(args);
      const bin = path.join(
        String(args[args.indexOf('--prefix') + 1]),
        'node_modules/@sparticuz/chromium/bin',
      );
      fs.mkdirSync(bin, { recursive: true });
      fs.writeFileSync(path.join(bin, 'chromium.br'), brotliCompressSync('a browser'));
      return 0;
    };
    const own = machine({ files: ['/usr/bin/chromium'], run });
    const browser = await ensureBrowser({ directory, machine: own });
    assert.equal(fs.readFileSync(browser, 'utf8'), 'a browser');
    assert.equal(fs.statSync(browser).mode & 0o111, 0o111);
    assert.equal(await ensureBrowser({ directory, machine: own }), browser);
    assert.equal(installs.length, 1);
    assert.deepEqual(fs.readdirSync(directory), [path.basename(browser)]);
  });

  it('installs that of Debian as root when the registry has none', async () => {
    const files = ['/usr/bin/apt-get'];
    const run: Machine['run'] = async (command, args) => {
      if (command === 'apt-get' && args[0] === 'install') files.push('/usr/bin/chromium');
      return command === 'npm' ? 1 : 0;
    };
    assert.equal(
      await ensureBrowser({ directory, machine: machine({ files, isRoot: true, run }) }),
      '/usr/bin/chromium',
    );
  });

  it('says what to install when none can be had', async () => {
    const files = ['/usr/bin/apt-get'];
    await assert.rejects(ensureBrowser({ directory, machine: machine({ files, run: async () => 1 }) }), {
      code: 'config-invalid',
      fix: /apt-get install chromium.*HANDRAIL_BROWSER/,
    });
    assert.deepEqual(fs.readdirSync(directory), []);
  });
});
