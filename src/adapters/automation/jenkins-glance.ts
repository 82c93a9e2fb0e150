import { stripVTControlCharacters } from 'node:util';
import { glanceBytes, lastLines } from './glance.ts';
import { type Execution, jobPath } from './jenkins-job-name.ts';
import type { Keeper } from './jenkins-locate.ts';

/** A log longer than this at the first look is left to the end of the build. */
const mostBytes = 1_000_000;

/** Below the address of Jenkins; undefined while the build has no number that we know of. */
export function buildPage(
  { api, memory }: Pick<Keeper, 'memory'> & { readonly api: { readonly name: string } },
  { job, executionId }: Execution,
): string | undefined {
  const number = memory.get(executionId)?.number;
  return number === undefined ? undefined : `${jobPath(api.name, job)}/${number}/`;
}

/**
 * The last lines of a build. From the second look on only the end is asked for: the size is known from the one before.
 * Jenkins holds all that it gives from an offset in memory, so the first look reads what is passed through.
 */
export async function buildTail(keeper: Keeper, execution: Execution): Promise<string> {
  const { api, memory } = keeper;
  const { job, executionId } = execution;
  const page = buildPage(keeper, execution);
  if (page === undefined) return '';
  const size = memory.get(executionId)?.logBytes;
  const from = Math.max(0, (size ?? 0) - glanceBytes - api.mask.longest);
  const path = size === undefined ? `${page}consoleText` : `${page}logText/progressiveText?start=${from}`;
  const pieces: Buffer[] = [];
  let bytes = 0;
  const { whole } = await api.file(path, `the log of ${job}`, (piece) => {
    pieces.push(piece);
    bytes += piece.length;
    return bytes <= mostBytes;
  });
  if (!whole) return '';
  memory.note(executionId, { job, logBytes: from + bytes });
  const text = stripVTControlCharacters(Buffer.concat(pieces).toString('utf8'));
  return lastLines(text, from === 0, api.mask);
}
