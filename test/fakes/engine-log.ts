import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Handlers } from '../../src/ports.ts';

export type FileLog = Handlers & {
  lines(runId: string): readonly string[];
};

/** How many drives bring a run to its end. */
export const drivesToEnd = 6;

/**
 * A run as a file of lines: `begun`, then one `step` a drive, then `ended`. It outlives any process. A drive writes its line
 * first and then takes its time, so that a kill right after a line comes in the middle of a drive.
 */
export function fileLog(dir: string): FileLog {
  mkdirSync(dir, { recursive: true });
  const file = (runId: string): string => join(dir, runId);
  const write = (runId: string, line: string): void => appendFileSync(file(runId), `${line}\n`);
  const lines = (runId: string): string[] =>
    existsSync(file(runId)) ? readFileSync(file(runId), 'utf8').trim().split('\n') : [];
  const isOpen = (runId: string): boolean => lines(runId).length > 0 && !lines(runId).includes('ended');

  return {
    lines,
    async command(runId) {
      if (lines(runId).length > 0) return { ok: true, changed: false };
      write(runId, 'begun');
      return { ok: true, changed: true };
    },
    async drive(runId) {
      if (!isOpen(runId)) return undefined;
      const done = lines(runId).length > drivesToEnd;
      write(runId, done ? 'ended' : `step ${process.pid}`);
      await new Promise((resolve) => setTimeout(resolve, 80));
      return done ? undefined : new Date(Date.now() + 60);
    },
    openRuns: async () => readdirSync(dir).filter(isOpen),
  };
}
