import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CliCommand } from '../../src/cli/command.ts';

export const now = new Date('2026-11-22T09:00:00Z');

/** Runs a command in this process: its lines and its exit code. */
export async function run(command: CliCommand, ...args: string[]) {
  const lines: string[] = [];
  const say = (line: string): void => {
    lines.push(line);
  };
  const code = await command.run(args, { say, data: 'nowhere', now: () => now });
  return { code, lines, text: lines.join('\n') };
}

/** A folder with these files, which goes away again. */
export async function inFolder<T>(
  files: Readonly<Record<string, string>>,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'handrail-'));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
