import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

/** SHA-256 of every file that decides what is built; line ends do not count. */
export function sourceHashes(folder: string): Readonly<Record<string, string>> {
  const inside = fs.readdirSync(path.join(folder, 'src'), { recursive: true, encoding: 'utf8' });
  const files = ['now.config.json', 'package-lock.json', 'package.json', 'tsconfig.json']
    .concat(
      inside
        .filter((name) => name.endsWith('.ts'))
        .map((name) => path.posix.join('src', ...name.split(path.sep))),
    )
    .toSorted();
  return Object.fromEntries(files.map((name) => [name, hashOf(path.join(folder, name))]));
}

const hashOf = (file: string): string =>
  createHash('sha256').update(fs.readFileSync(file, 'utf8').replaceAll('\r\n', '\n')).digest('hex');
