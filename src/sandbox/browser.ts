import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';
import { AppError } from '../domain/errors.ts';

/** The machine as the search sees it, so that tests can show it another one. */
export type Machine = {
  readonly platform: NodeJS.Platform;
  readonly arch: NodeJS.Architecture;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly isRoot: boolean;
  exists(file: string): boolean;
  /** Runs a command to its end; its exit code, or 127 when it cannot be started or takes longer than `limitMs`. */
  run(command: string, args: readonly string[], options: RunOptions): Promise<number>;
};
type RunOptions = { readonly limitMs: number; readonly env?: Readonly<Record<string, string>> };

/** A headless Chromium for Linux on x64 whose npm package (MIT) holds the binary itself; fetched on demand only. */
const registryPackage = '@sparticuz/chromium';
const registryVersion = '153.0.0';

const versionLimitMs = 30_000;
const installLimitMs = 10 * 60_000;

const onPath = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'microsoft-edge',
  'microsoft-edge-stable',
];
const linuxPlaces = [
  '/snap/bin/chromium',
  '/opt/google/chrome/chrome',
  '/opt/microsoft/msedge/msedge',
  ...onPath.map((name) => `/usr/bin/${name}`),
];
const macPlaces = ['Google Chrome', 'Chromium', 'Microsoft Edge'].map(
  (name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
);
const windowsPlaces = [
  'Google\\Chrome\\Application\\chrome.exe',
  'Chromium\\Application\\chrome.exe',
  'Microsoft\\Edge\\Application\\msedge.exe',
];

/** This machine. */
export const thisMachine: Machine = {
  platform: process.platform,
  arch: process.arch,
  env: process.env,
  isRoot: process.getuid?.() === 0,
  exists: fs.existsSync,
  run: (command, args, { limitMs, env }) =>
    new Promise((resolve) => {
      const child = spawn(command, args, {
        stdio: 'ignore',
        timeout: limitMs,
        env: { ...process.env, ...env },
      });
      child.once('error', () => resolve(127));
      child.once('close', (code) => resolve(code ?? 127));
    }),
};

function usualPlaces({ platform, env }: Machine): string[] {
  if (platform === 'darwin')
    return [...macPlaces, ...macPlaces.map((place) => `${env['HOME'] ?? ''}${place}`)];
  if (platform !== 'win32') return linuxPlaces;
  const roots = ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].flatMap((name) => env[name] ?? []);
  return roots.flatMap((root) => windowsPlaces.map((place) => path.win32.join(root, place)));
}

function placesOnPath({ platform, env }: Machine): string[] {
  if (platform === 'win32') return [];
  const folders = (env['PATH'] ?? '').split(':').filter((folder) => folder !== '');
  return onPath.flatMap((name) => folders.map((folder) => path.posix.join(folder, name)));
}

/**
 * An installed Chromium, Chrome or Edge: the one HANDRAIL_BROWSER names, else the first on PATH or in the usual
 * places of Linux, macOS and Windows. Throws AppError when HANDRAIL_BROWSER names a file that is not there.
 */
export function findBrowser(machine: Machine = thisMachine): string | undefined {
  const named = machine.env['HANDRAIL_BROWSER'];
  if (named === undefined || named === '')
    return [...placesOnPath(machine), ...usualPlaces(machine)].find(machine.exists);
  if (machine.exists(named)) return named;
  throw new AppError({
    code: 'config-invalid',
    message: `HANDRAIL_BROWSER names ${named}, which does not exist`,
    fix: 'Set HANDRAIL_BROWSER to the executable of Chromium, Chrome or Edge, or unset it.',
  });
}

/** Whether a browser starts: on a bare system libraries may be missing, and some files only say what to install. */
async function starts(browser: string, machine: Machine): Promise<boolean> {
  // On Windows --version opens a window instead of printing.
  if (machine.platform === 'win32') return true;
  return (await machine.run(browser, ['--version'], { limitMs: versionLimitMs })) === 0;
}

/** Fetches the browser from the npm registry into `directory`, once; undefined when it cannot be had there. */
async function registryBrowser(directory: string, machine: Machine): Promise<string | undefined> {
  if (machine.platform !== 'linux' || machine.arch !== 'x64') return undefined;
  const browser = path.join(directory, `chromium-${registryVersion}`);
  if (fs.existsSync(browser)) return browser;
  fs.mkdirSync(directory, { recursive: true });
  const download = fs.mkdtempSync(path.join(directory, 'download-'));
  try {
    const what = ['--prefix', download, `${registryPackage}@${registryVersion}`];
    const how = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--engine-strict=false'];
    const code = await machine.run('npm', ['install', ...how, ...what], { limitMs: installLimitMs });
    if (code !== 0) return undefined;
    const packed = path.join(download, 'node_modules', registryPackage, 'bin', 'chromium.br');
    const unpacked = path.join(download, 'chromium');
    await pipeline(
      fs.createReadStream(packed),
      createBrotliDecompress(),
      fs.createWriteStream(unpacked, { mode: 0o755 }),
    );
    // Renamed when whole, so that another process never starts half a browser.
    fs.renameSync(unpacked, browser);
    return browser;
  } finally {
    fs.rmSync(download, { recursive: true, force: true });
  }
}

/** Installs Debian's chromium, where this process may. */
async function debianBrowser(machine: Machine): Promise<string | undefined> {
  if (!machine.isRoot || !machine.exists('/usr/bin/apt-get')) return undefined;
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const steps = [['update'], ['install', '-y', '--no-install-recommends', 'chromium']];
  for (const step of steps) {
    if ((await machine.run('apt-get', step, { limitMs: installLimitMs, env })) !== 0) return undefined;
  }
  return findBrowser(machine);
}

/**
 * A browser that starts, for the tests that need a page: an installed one, else one from the npm registry (kept in
 * `directory`), else Debian's package when this process is root. Throws AppError saying what to install.
 */
export async function ensureBrowser({
  directory = path.resolve('.data/browser'),
  machine = thisMachine,
}: {
  readonly directory?: string;
  readonly machine?: Machine;
} = {}): Promise<string> {
  const sources = [
    async () => findBrowser(machine),
    () => registryBrowser(directory, machine),
    () => debianBrowser(machine),
  ];
  for (const source of sources) {
    const browser = await source();
    if (browser !== undefined && (await starts(browser, machine))) return browser;
  }
  throw new AppError({
    code: 'config-invalid',
    message: 'no browser was found that starts on this machine, and none could be fetched',
    fix: 'Install Chromium, Chrome or Edge (on Debian: apt-get install chromium), or set HANDRAIL_BROWSER to its executable.',
  });
}
