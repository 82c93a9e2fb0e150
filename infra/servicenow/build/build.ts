// npm run build:servicenow [-- --check] [-- --scope x_acme_handrail]
// Builds the ServiceNow application, offline once the SDK is installed, and writes dist/<scope>.zip. Also rewrites built/,
// what the tests run; with --check it fails instead when built/ is not what came out. Another scope leaves built/ alone.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { installOnce, run } from './install.ts';
import { inScope } from './scope.ts';
import { repack, settle } from './settle.ts';

const home = path.join(import.meta.dirname, '..');
const usual = JSON.parse(fs.readFileSync(path.join(home, 'now.config.json'), 'utf8')).scope;
const options = {
  check: { type: 'boolean', default: false },
  scope: { type: 'string', default: usual },
} as const;
const { check, scope } = parseArgs({ options }).values;

const project = scope === usual ? home : inScope(home, usual, scope);
installOnce(home);
const sdk = path.join(home, 'node_modules', '@servicenow', 'sdk', 'bin', 'index.js');
// A new record needs a key: `npx now-sdk build` in this folder writes it, and it is committed.
run(process.execPath, [sdk, 'build', '--frozenKeys'], project);
settle(path.join(project, 'dist', 'app'));
const packed = path.join(project, 'target');
for (const name of zipsIn(packed)) fs.rmSync(path.join(packed, name));
run(process.execPath, [sdk, 'pack'], project);
const [zip = ''] = zipsIn(packed);
const bytes = repack(path.join(packed, zip));
const copy = path.join(home, '..', '..', 'dist', `${scope}.zip`);
fs.mkdirSync(path.dirname(copy), { recursive: true });
fs.writeFileSync(copy, bytes);
const hash = createHash('sha256').update(bytes).digest('hex');
console.log(`${path.relative(process.cwd(), copy)}: ${bytes.length} bytes, sha256 ${hash}`);
console.log(
  `to install it with the SDK: npx now-sdk install, in ${path.relative(process.cwd(), project) || '.'}`,
);
if (scope === usual) await keepBuilt();

/** Writes built/, or says which files of it are missing, left over or different. */
async function keepBuilt(): Promise<void> {
  // not before the SDK is installed: a package of it is imported
  const { extract } = await import('./extract.ts');
  const built = extract(home);
  const root = path.join(home, 'built');
  const found = filesIn(root);
  const differs = [...new Set([...Object.keys(built), ...Object.keys(found)])].filter(
    (file) => built[file] !== found[file],
  );
  if (check && differs.length > 0) {
    console.error(`built/ is not what comes out of the sources: ${differs.join(', ')}.`);
    console.error('Run npm run build:servicenow and commit infra/servicenow/built.');
    process.exitCode = 1;
  }
  if (check) return;
  fs.rmSync(root, { recursive: true, force: true });
  for (const [file, text] of Object.entries(built)) {
    fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    fs.writeFileSync(path.join(root, file), text);
  }
}

function zipsIn(directory: string): string[] {
  return fs.existsSync(directory) ? fs.readdirSync(directory).filter((name) => name.endsWith('.zip')) : [];
}

function filesIn(root: string): Record<string, string> {
  if (!fs.existsSync(root)) return {};
  const files = fs
    .readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  const read = (file: string) => fs.readFileSync(file, 'utf8').replaceAll('\r\n', '\n');
  return Object.fromEntries(
    files.map((file) => [path.relative(root, file).split(path.sep).join('/'), read(file)]),
  );
}
