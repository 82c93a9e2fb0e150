import type { Answer, Ask } from '../ops-api/loopback.ts';
import { type Entry, type Execution, isGoing } from './execution-store.ts';

/** An entry in Rundeck's file is longer than its text: time, level, node and step come with it. */
const sizeOf = ({ log }: Entry) => Buffer.byteLength(log) + 96;

/** Where each entry starts in the file, and where the file ends. */
function placesOf(entries: readonly Entry[]) {
  const starts: number[] = [];
  let total = 0;
  for (const entry of entries) {
    starts.push(total);
    total += sizeOf(entry);
  }
  return { starts, total };
}

/** The entries a query asks for: from an offset in the file, at most `maxlines`, or the `lastlines`. */
function range(starts: readonly number[], query: URLSearchParams) {
  const number = (name: string) => Number(query.get(name) ?? 0);
  const last = number('lastlines');
  if (last > 0) return { first: Math.max(0, starts.length - last), end: starts.length };
  const found = starts.findIndex((start) => start >= number('offset'));
  const first = found < 0 ? starts.length : found;
  const most = number('maxlines');
  return { first, end: most > 0 ? Math.min(starts.length, first + most) : starts.length };
}

/** `…/output` */
export function output(execution: Execution, entries: readonly Entry[], ask: Ask): Answer {
  const { starts, total } = placesOf(entries);
  const { first, end } = range(starts, ask.query);
  const over = !isGoing(execution);
  const offset = starts[end] ?? total;
  return {
    status: 200,
    json: {
      id: String(execution.id),
      offset: String(offset),
      completed: over && end === entries.length,
      execCompleted: over,
      hasFailedNodes: execution.failedNodes.length > 0,
      execState: execution.status,
      lastModified: String(entries.at(-1)?.at ?? execution.started),
      execDuration: (execution.ended ?? Date.now()) - execution.started,
      percentLoaded: total === 0 ? 100 : (100 * offset) / total,
      totalSize: total,
      retryBackoff: 0,
      clusterExec: false,
      compacted: false,
      ...(entries.length === 0 ? { empty: true, message: 'No output' } : {}),
      entries: entries.slice(first, end).map(entryJson),
    },
  };
}

function entryJson({ at, node, log }: Entry) {
  const time = new Date(at).toISOString();
  return {
    time: time.slice(11, 19),
    absolute_time: `${time.slice(0, 19)}Z`,
    log,
    level: 'NORMAL',
    stepctx: '1',
    node,
    user: 'rundeck',
  };
}
