import fs from 'node:fs';
import path from 'node:path';

const openers: Partial<Record<NodeJS.Platform, string>> = { linux: 'xdg-open', darwin: 'open' };

const isOnPath = (searchPath: string, name: string): boolean =>
  searchPath.split(path.delimiter).some((folder) => folder !== '' && fs.existsSync(path.join(folder, name)));

/**
 * The PATH for the playground, which always opens its page in a browser and has no option against it: with a
 * command that opens nothing in front when `open` is false, and where no opener exists, because then the
 * playground ends with code 1 (0.2.28). Windows opens browsers without PATH, so there it stays as it is.
 */
export function pathWithOpener(searchPath: string, directory: string, open: boolean): string {
  const opener = openers[process.platform];
  if (opener === undefined || (open && isOnPath(searchPath, opener))) return searchPath;
  fs.mkdirSync(directory, { recursive: true });
  fs.writeFileSync(path.join(directory, opener), '#!/bin/sh\nexit 0\n', { mode: 0o755 });
  return [directory, searchPath].join(path.delimiter);
}
