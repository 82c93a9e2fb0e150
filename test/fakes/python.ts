import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A Python, or why there is none. */
export type Python = { readonly python: string } | { readonly missing: string };

/**
 * The first Python that can run these lines: the one that is named, the usual one, or Debian's own, which alone sees what
 * Debian's packages brought.
 */
export async function pythonFor(lines: string, named: string | undefined): Promise<Python> {
  let missing = '';
  for (const python of named === undefined ? ['python3', '/usr/bin/python3'] : [named])
    try {
      await run(python, ['-c', lines], { timeout: 60_000 });
      return { python };
    } catch (error) {
      const { stderr = '', message } = error as { stderr?: string; message: string };
      missing ||= (stderr || message).trim().split('\n').at(-1) ?? '';
    }
  return { missing };
}
