import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { unzipSync, zipSync } from 'fflate';

const fixedTime = new Date(2026, 0, 1);
const hex = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);

/**
 * Takes out of the built records what SDK 4.9.0 makes up anew each time: serial number and time of the list of components,
 * and the sys_id it writes beside the name of a role of another application (the name is what counts there).
 */
export function settle(app: string): void {
  for (const name of fs.readdirSync(path.join(app, 'update'))) {
    const file = path.join(app, 'update', name);
    const text = fs.readFileSync(file, 'utf8');
    const settled = text
      .replace(/("serialNumber": "urn:uuid:)[0-9a-f-]{36}/, '$100000000-0000-4000-8000-000000000000')
      .replace(/("timestamp": ")[^"]+/, '$12026-01-01T00:00:00.000Z')
      .replace(
        /<contains name="([^"]+)">[0-9a-f]{32}</g,
        (_, role) => `<contains name="${role}">${hex(`role ${role}`)}<`,
      );
    if (settled !== text) fs.writeFileSync(file, settled);
  }
}

/** Packs a zip anew, in order and with one time for all: the same content gives the same bytes. */
export function repack(file: string): Uint8Array {
  const entries = Object.entries(unzipSync(fs.readFileSync(file))).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const bytes = zipSync(Object.fromEntries(entries), { mtime: fixedTime, level: 9 });
  fs.writeFileSync(file, bytes);
  return bytes;
}
