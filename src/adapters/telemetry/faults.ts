import { errorDetails, type Log } from './lines.ts';

/**
 * Ends the process on a fault of our own, with one line in the log. Going on would be a guess, and what was under way is
 * found again in the run log. Node's own report would print the whole error, with the headers of a failed request in it.
 */
export function endOnFault(
  running: Pick<NodeJS.Process, 'once' | 'exit'>,
  report: Log,
  flush: () => Promise<void>,
): void {
  // an unhandled rejection arrives here, too: that is Node's default
  running.once('uncaughtException', (error: unknown) => {
    report('error', 'a fault in Handrail itself; the process ends', {
      ...errorDetails(error),
      at: placeOf(error),
    });
    const end = () => running.exit(1);
    flush().then(end, end);
  });
}

/** The line that threw: the first frame of the stack, which holds no values. */
function placeOf(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  return /^\s+at (.*)$/m.exec(stack)?.[1] ?? '';
}
