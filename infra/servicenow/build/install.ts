import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

const flags = '--no-save --ignore-scripts --prefer-offline --no-audit --no-fund --loglevel=error'.split(' ');

/**
 * Installs what package-lock.json names (384 MB), once. No install script is run: none is needed. Not `npm ci`: it refuses
 * a lock file that was written against a registry without the packages of other platforms.
 */
export function installOnce(folder: string): void {
  const lock = createHash('sha256')
    .update(fs.readFileSync(path.join(folder, 'package-lock.json')))
    .digest('hex');
  const mark = path.join(folder, 'node_modules', '.installed');
  if (fs.existsSync(mark) && fs.readFileSync(mark, 'utf8') === lock) return;
  console.error('installing the ServiceNow SDK (once; about a minute)');
  const npm = process.env['npm_execpath'];
  const [command, before] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []];
  run(command, [...before, 'install', ...flags], folder);
  fs.writeFileSync(mark, lock);
}

/** Runs a command to its end; what it writes goes to stderr. Throws when it fails. */
export function run(command: string, args: readonly string[], folder: string): void {
  const shell = command === 'npm' && process.platform === 'win32';
  const ended = spawnSync(command, args, { cwd: folder, stdio: ['ignore', 2, 2], shell });
  if (ended.error !== undefined) throw ended.error;
  if (ended.status !== 0)
    throw new Error(
      `${path.basename(args[0] ?? command)} failed (${ended.signal ?? ended.status}), see above`,
    );
}
