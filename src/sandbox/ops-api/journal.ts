import { closeSync, existsSync, fsyncSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import type { z } from 'zod';

/**
 * JSON lines in a file, handed to `apply` at the start. A line appended with `sync` is on disk when the call returns. A
 * last line torn by a crash is dropped: it was never answered. Without a file nothing is kept.
 */
export function openJournal<Line>(
  file: string | undefined,
  schema: z.ZodType<Line>,
  apply: (line: Line) => void,
): { append(line: Line, sync: boolean): void; close(): void } {
  if (file === undefined) return { append: () => undefined, close: () => undefined };
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  for (const line of whole.split('\n')) if (line !== '') apply(schema.parse(JSON.parse(line)));
  if (whole !== text) truncateSync(file, Buffer.byteLength(whole));
  const fd = openSync(file, 'a', 0o600);
  return {
    append: (line: Line, sync: boolean) => {
      writeSync(fd, `${JSON.stringify(line)}\n`);
      if (sync) fsyncSync(fd);
    },
    close: () => closeSync(fd),
  };
}
