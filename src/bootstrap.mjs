// Runs one of the project's commands on a machine that has nothing but a Node.js of 20 or newer and npm:
// installs what is missing, then starts the command on Node.js 24. Plain JavaScript and built-in modules
// only, because at this moment neither the dependencies nor type stripping can be relied on.
//
//   node src/bootstrap.mjs <command> [arguments]      e.g. node src/main.ts, or mocha
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { underLock } from './install-lock.mjs';

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '');
const modules = path.join(root, 'node_modules');
const windows = process.platform === 'win32';
/** The Node.js that the development dependency `node` brings. */
const bundledNode = path.join(modules, 'node', 'bin', windows ? 'node.exe' : 'node');
const installLock = path.join(root, '.data', 'install.lock');

const installLimitMs = 20 * 60_000;
const offlineSigns =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|ENOTCACHED)\b/;

/** Something the person at the terminal can put right; shown without a stack. */
class StartError extends Error {}

const say = (text) => process.stderr.write(`handrail: ${text}\n`);
const inside = (file) =>
  !path.relative(modules, file).startsWith('..') && !path.isAbsolute(path.relative(modules, file));

/** Type stripping is stable, and silent, from 24.12 on. */
function isRecent(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 24 || (major === 24 && minor >= 12);
}

function readJson(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/**
 * Whether node_modules is what package-lock.json says. npm deletes its own record of the tree
 * (node_modules/.package-lock.json) before `npm ci` and writes it last, so an install that died has none.
 */
function isInstalled() {
  const wanted = readJson(path.join(root, 'package-lock.json'))?.packages;
  const found = readJson(path.join(modules, '.package-lock.json'))?.packages;
  if (wanted === undefined)
    throw new StartError(`package-lock.json is missing in ${root}: restore it with git.`);
  if (found === undefined) return false;
  return (
    Object.entries(wanted).every(
      ([place, entry]) => place === '' || entry.optional || isSame(place, entry, found[place]),
    ) && Object.values(found).every(isForThisMachine)
  );
}

const isSame = (place, wanted, found) =>
  found?.version === wanted.version &&
  found.integrity === wanted.integrity &&
  fs.existsSync(path.join(root, place, 'package.json'));

/** False for a package that was installed on another operating system or processor and carried over. */
const isForThisMachine = ({ os, cpu }) => allows(os, process.platform) && allows(cpu, process.arch);
const allows = (list, own) =>
  list === undefined ||
  list.includes(own) ||
  (!list.includes(`!${own}`) && list.every((item) => item.startsWith('!')));

/** A Node.js that can run the project, or undefined while there is none. */
function usableNode() {
  if (isRecent(process.versions.node) && fs.existsSync(process.execPath)) return process.execPath;
  return fs.existsSync(bundledNode) ? bundledNode : undefined;
}

/** PATH without this project's own folder, which an install empties. */
const outerPath = () =>
  (process.env.PATH ?? '')
    .split(path.delimiter)
    .filter((folder) => folder !== '' && !inside(path.resolve(folder)));

const onPath = (name) =>
  outerPath()
    .map((folder) => path.join(folder, name))
    .find((file) => fs.existsSync(file));

/** The Node.js that npm runs on: never the one in node_modules, which npm replaces. */
function outerNode() {
  const candidates = [process.execPath, process.env.npm_node_execpath, onPath(windows ? 'node.exe' : 'node')];
  return (
    candidates.find((file) => file !== undefined && !inside(file) && fs.existsSync(file)) ?? process.execPath
  );
}

/** How to call npm. `npm_execpath` is also set by other package managers, to themselves. */
function npmCommand() {
  const node = outerNode();
  const named = process.env.npm_execpath;
  if (named !== undefined && path.basename(named) === 'npm-cli.js' && fs.existsSync(named))
    return [node, named];
  // On Windows npm is a .cmd file, which only a shell starts; its script lies beside node.exe.
  const script = path.join(path.dirname(node), 'node_modules', 'npm', 'bin', 'npm-cli.js');
  if (windows && fs.existsSync(script)) return [node, script];
  const found = windows ? undefined : onPath('npm');
  if (found !== undefined) return [found];
  throw new StartError(
    'npm was not found, so the dependencies cannot be installed. Install Node.js 24 with npm (nodejs.org), then start again.',
  );
}

/**
 * Runs a child to its end and passes on the signals this process gets meanwhile.
 * A terminal sends Ctrl-C to the child by itself; a second one would cut its orderly stop short.
 */
function run(file, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd: root, ...options });
    let errors = '';
    child.stderr?.on('data', (chunk) => {
      errors = (errors + chunk).slice(-20_000);
      process.stderr.write(chunk);
    });
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    const pass = (signal) => (signal === 'SIGINT' && process.stdin.isTTY ? undefined : child.kill(signal));
    for (const signal of signals) process.on(signal, pass);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      for (const name of signals) process.off(name, pass);
      resolve({ code, signal, errors });
    });
  });
}

/** Ends this process the way the child ended. */
function endLike({ code, signal }) {
  if (signal !== null) process.kill(process.pid, signal);
  process.exitCode = code ?? 1;
}

/** Runs one part of the installation; its chatter goes to stderr, because stdout belongs to the command. */
async function installStep(file, args, options, advice) {
  // engine-strict would refuse Node.js 20, which only has to get us as far as Node.js 24.
  const env = { ...process.env, PATH: outerPath().join(path.delimiter), npm_config_engine_strict: 'false' };
  const ended = await run(file, args, {
    env,
    stdio: ['ignore', 2, 'pipe'],
    timeout: installLimitMs,
    ...options,
  });
  if (ended.code === 0) return;
  if (ended.signal !== null)
    throw new StartError(`the installation was stopped (${ended.signal}). Start again to repeat it.`);
  throw new StartError(offlineSigns.test(ended.errors) ? offlineAdvice : advice);
}

// No install scripts: none is needed but that of `node`, and one of them would download an unpinned tool.
const installFlags =
  '--no-save --ignore-scripts --include=dev --include=optional --prefer-offline --no-audit --no-fund --loglevel=error'.split(
    ' ',
  );

const mismatchAdvice =
  'the installed packages are not those of package-lock.json. Bring it in line with package.json (npm install), then start again.';

const offlineAdvice =
  'the npm registry could not be reached (see above), and the dependencies are not installed yet. Connect this machine, ' +
  'or set a registry or proxy it can reach (npm config set registry ..., npm config set proxy ...), then start again.';

async function install() {
  const [npm, ...before] = npmCommand();
  if (!isInstalled()) {
    say('installing the dependencies (once; a minute or two)');
    // Begin from nothing, as `npm ci` does: a tree that an earlier install left half written looks whole to npm.
    // Not `npm ci` itself: it refuses a lock file that lacks the packages of other platforms, as one written
    // against a registry without them does. `install --no-save` takes the same versions and hashes from it.
    fs.rmSync(modules, { recursive: true, force: true, maxRetries: 3 });
    const args = [...before, 'install', ...installFlags];
    await installStep(npm, args, {}, 'npm install failed: see above. Put that right and start again.');
    if (!isInstalled()) throw new StartError(mismatchAdvice);
  }
  if (usableNode() === undefined) await installNode();
}

/** The package `node` fetches the binary for this platform in its install script, with the npm on PATH. */
async function installNode() {
  say(`fetching Node.js 24 (this is ${process.version})`);
  const advice =
    'Node.js 24 could not be fetched: see above. Install Node.js 24 (nodejs.org) and start again.';
  await installStep(
    outerNode(),
    ['installArchSpecificPackage.js'],
    { cwd: path.join(modules, 'node') },
    advice,
  );
  const check = await run(bundledNode, ['--version'], { stdio: 'ignore' }).catch(() => ({ code: 1 }));
  if (check.code !== 0) {
    fs.rmSync(bundledNode, { force: true });
    throw new StartError(
      'the fetched Node.js 24 does not run on this machine. Install Node.js 24 (nodejs.org) and start again.',
    );
  }
}

async function main([command, ...args]) {
  if (command === undefined) throw new StartError('usage: node src/bootstrap.mjs <command> [arguments]');
  if (!isInstalled() || usableNode() === undefined) {
    await underLock(installLock, install, {
      limitMs: installLimitMs,
      onWait: () => say('another start is installing; waiting for it'),
    });
  }
  const node = usableNode();
  const PATH = [path.join(modules, '.bin'), path.dirname(node), process.env.PATH].join(path.delimiter);
  const env = { ...process.env, PATH };
  // On Windows the entries of .bin are .cmd files, which only a shell starts.
  const [file, shell] = command === 'node' ? [node, false] : [command, windows];
  const ended = await run(file, args, { env, stdio: 'inherit', shell }).catch((error) => {
    throw new StartError(`${command} could not be started: ${error.message}`);
  });
  endLike(ended);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof StartError)) throw error;
  say(error.message);
  process.exitCode = 1;
}
