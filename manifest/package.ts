// npm run package [-- --slash-commands]: writes dist/handrail.zip, to be uploaded to the Teams app catalogue.
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { strToU8, zipSync } from 'fflate';
import { AppError } from '../src/domain/errors.ts';
import type { Manifest } from './manifest.ts';
import { teamsManifest } from './manifest.ts';
import { manifestSettings } from './settings.ts';

/** The same content gives the same bytes: a package can be compared with the one that was uploaded. */
const fixedTime = new Date(2020, 0, 1);

/** The app package: the manifest and its two icons at the root of a zip file. */
export function appPackage(manifest: Manifest, directory = import.meta.dirname): Uint8Array {
  const icons = [manifest.icons.color, manifest.icons.outline];
  const files = Object.fromEntries(icons.map((name) => [name, fs.readFileSync(path.join(directory, name))]));
  const text = strToU8(`${JSON.stringify(manifest, null, 2)}\n`);
  return zipSync({ 'manifest.json': text, ...files }, { mtime: fixedTime, level: 9 });
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { 'slash-commands': { type: 'boolean', default: false } } });
  const root = path.join(import.meta.dirname, '..');
  const { version } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
  const settings = manifestSettings(process.env);
  const manifest = await teamsManifest(settings, { version, slashCommands: values['slash-commands'] });
  const file = path.join(root, 'dist', 'handrail.zip');
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, appPackage(manifest));
  console.log(`${file}: version ${version}, schema ${manifest.manifestVersion}`);
}

if (import.meta.main) {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    console.error(error.code === 'config-invalid' ? error.fix : error.message);
    process.exitCode = 1;
  }
}
