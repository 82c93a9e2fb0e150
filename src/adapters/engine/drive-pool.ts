/** `prompt` is for what somebody waits for; `sweep` is for reconciliation, which may bring thousands of runs at once. */
type Lane = 'prompt' | 'sweep';

export type DrivePool = {
  /** Drives the run soon. A request during its drive drives it again afterwards; others are one and the same. */
  request(runId: string, lane: Lane): void;
  /** Starts nothing more. */
  close(): void;
};

/** First in, first out; entries that were called off or moved to another lane are skipped by the caller. */
function fifo(): { push(runId: string): void; shift(): string | undefined } {
  let items: string[] = [];
  let head = 0;
  return {
    push: (runId) => void items.push(runId),
    shift() {
      const first = items[head];
      head += 1;
      if (head >= items.length) {
        items = [];
        head = 0;
      }
      return first;
    },
  };
}

/**
 * Calls `drive` for the runs asked for: one call a run at a time, at most `limit` at once, in order of asking.
 * While both lanes wait they take turns, so a click is not queued behind a sweep and a sweep is not starved by clicks.
 * `drive` must not reject.
 */
export function drivePool(limit: number, drive: (runId: string) => Promise<void>): DrivePool {
  const lanes = { prompt: fifo(), sweep: fifo() };
  const waiting = new Map<string, Lane>();
  const driving = new Set<string>();
  const again = new Set<string>();
  let turn: Lane = 'prompt';
  let closed = false;

  function takeFrom(lane: Lane): string | undefined {
    for (let runId = lanes[lane].shift(); runId !== undefined; runId = lanes[lane].shift()) {
      if (waiting.get(runId) === lane) return runId;
    }
    return undefined;
  }

  function take(): string | undefined {
    const other = turn === 'prompt' ? 'sweep' : 'prompt';
    const runId = takeFrom(turn) ?? takeFrom(other);
    turn = other;
    if (runId !== undefined) waiting.delete(runId);
    return runId;
  }

  function finished(runId: string): void {
    driving.delete(runId);
    if (again.delete(runId)) request(runId, 'prompt');
    pump();
  }

  function pump(): void {
    while (!closed && driving.size < limit) {
      const runId = take();
      if (runId === undefined) return;
      driving.add(runId);
      void drive(runId).then(() => finished(runId));
    }
  }

  function request(runId: string, lane: Lane): void {
    if (closed) return;
    if (driving.has(runId)) {
      again.add(runId);
      return;
    }
    const place = waiting.get(runId);
    if (place === 'prompt' || place === lane) return;
    waiting.set(runId, lane);
    lanes[lane].push(runId);
    pump();
  }

  return {
    request,
    close() {
      closed = true;
    },
  };
}
