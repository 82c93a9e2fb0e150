// A lock file that lets one process install at a time; the others wait and then find the work done.
// Plain JavaScript with built-in modules only: see bootstrap.mjs.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const heartbeatMs = 2_000;
const staleAfterMs = 60_000;
/** Long enough for a second process that judged the same old lock stale to have shown itself. */
const settleMs = 250;
const pollMs = 500;

/**
 * Runs `work` while holding the lock `file`. A lock left by a process that died is taken over.
 * Throws when the holder is still at it after `limitMs`.
 */
export async function underLock(file, work, { limitMs, onWait }) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const own = `${process.pid} ${os.hostname()} ${Date.now()}`;
  const deadline = Date.now() + limitMs;
  for (let turn = 0; !(await take(file, own)); turn += 1) {
    if (turn === 0) onWait();
    if (Date.now() > deadline) throw new Error(`${file} is still held by process ${holder(file)}`);
    await sleep(pollMs);
  }
  const heartbeat = setInterval(() => fs.utimes(file, new Date(), new Date(), () => undefined), heartbeatMs);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    if (holder(file) === own) fs.rmSync(file, { force: true });
  }
}

async function take(file, own) {
  const seen = holder(file);
  if (seen !== undefined && !isStale(file, seen)) return false;
  if (seen !== undefined) fs.rmSync(file, { force: true });
  try {
    fs.writeFileSync(file, own, { flag: 'wx' });
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
  if (seen !== undefined) await sleep(settleMs);
  return holder(file) === own;
}

function holder(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** A lock whose process on this host is gone, or that nobody has touched for a while (another host, a container). */
function isStale(file, text) {
  const [pid, host] = text.split(' ');
  if (host === os.hostname() && !isAlive(Number(pid))) return true;
  const touched = fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
  return Date.now() - touched > staleAfterMs;
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}
