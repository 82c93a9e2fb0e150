import { stripVTControlCharacters } from 'node:util';
import type { JenkinsApi } from './jenkins-api.ts';
import { type ReadPage, readLog } from './log.ts';

/** What is kept of the beginning and of the end; more than `readLog` asks for. */
const keptBytes = 1_000_000;
/** After so much the reading stops: the end of a log of gigabytes is not worth what it takes. */
const mostBytes = 134_217_728;

/**
 * The log of a build, masked: of much the beginning and the end. It is read as it comes and only its ends are kept. Not by
 * `logText/progressiveText`: in Jenkins that holds everything from the offset on in memory before it tells the size
 * (org.kohsuke.stapler.framework.io.LargeText), while `consoleText` is passed through (hudson.model.Run.doConsoleText).
 */
export async function buildLog(
  api: JenkinsApi,
  path: string,
  subject: string,
): Promise<{ readonly text: string; readonly truncated: boolean }> {
  const ends = endsOf(keptBytes + api.mask.longest);
  const { whole } = await api.file(`${path}/consoleText`, subject, (piece) => ends.see(piece) <= mostBytes);
  const log = await readLog(ends.page, api.mask);
  if (whole) return log;
  return {
    text: `${log.text}\n[... there is more; Handrail stopped reading after ${ends.seen()} bytes ...]\n`,
    truncated: true,
  };
}

/** Keeps the first and the last bytes of what goes by. */
function endsOf(kept: number) {
  let bytes = 0;
  let first = Buffer.alloc(0);
  const last: Buffer[] = [];
  let lastBytes = 0;

  const see = (piece: Buffer): number => {
    bytes += piece.length;
    if (first.length < kept) first = Buffer.concat([first, piece.subarray(0, kept - first.length)]);
    last.push(piece);
    lastBytes += piece.length;
    while (lastBytes - (last[0]?.length ?? 0) >= kept) lastBytes -= last.shift()?.length ?? 0;
    return bytes;
  };
  const page: ReadPage = async (after) => {
    // from one piece to the end where that is possible: at the end of the first bytes a character may be cut through
    const from =
      bytes - after <= lastBytes
        ? Buffer.concat(last).subarray(lastBytes - (bytes - after))
        : first.subarray(after);
    return {
      text: stripVTControlCharacters(from.toString('utf8')),
      next: after + from.length,
      size: bytes,
    };
  };
  return { see, page, seen: () => bytes };
}
