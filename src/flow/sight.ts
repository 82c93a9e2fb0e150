import { messageOf } from '../domain/errors.ts';
import type { Run } from '../domain/run.ts';
import type { Sight } from '../domain/sight.ts';
import type { Deps } from './deps.ts';
import type { Job } from './running-job.ts';
import { within } from './within.ts';

/** How often a running job is looked at for its last lines: its card is drawn anew no more often. */
const EVERY_MS = 15_000;
/** A job that says nothing new is shown again after this, so that one sees that somebody looks. */
const ANYWAY_MS = 60_000;
/** A look is a courtesy: it holds up nothing for longer. */
const PATIENCE_MS = 3_000;
const MOST = 5_000;

type Seen = { readonly sight: Sight; readonly lookedAt: number };
/** What this process last saw of running jobs, by run. */
export type Sights = Map<string, Seen>;

/** Looks at a running job, when that is due: its last lines and its page. Never throws: nothing depends on it. */
export async function lookAt(deps: Deps, { runId }: Run, job: Job, externalId: string): Promise<void> {
  const { record, target } = job;
  const now = deps.clock.now();
  const before = deps.sights.get(runId);
  const known = before?.sight.executionId === record.executionId ? before : undefined;
  const last = known?.lookedAt ?? Date.parse(record.startedAt) - EVERY_MS + FIRST_MS;
  if (now.getTime() - last < EVERY_MS) return;
  const lines = (await linesOf(deps, job, externalId)) ?? known?.sight.lines ?? '';
  const link = target.link?.(externalId);
  const sight: Sight = {
    executionId: record.executionId,
    at: now.toISOString(),
    lines,
    target: target.name,
    ...(link === undefined ? {} : { link }),
  };
  keep(deps.sights, runId, {
    sight: isNews(sight, known?.sight) ? sight : (known?.sight ?? sight),
    lookedAt: now.getTime(),
  });
}

/** A job of a few seconds needs no look. */
const FIRST_MS = 5_000;

function isNews(sight: Sight, before: Sight | undefined): boolean {
  if (before === undefined || before.lines !== sight.lines || before.link !== sight.link) return true;
  return Date.parse(sight.at) - Date.parse(before.at) >= ANYWAY_MS;
}

async function linesOf(deps: Deps, { target }: Job, externalId: string): Promise<string | undefined> {
  if (target.tail === undefined) return '';
  try {
    return await within(PATIENCE_MS, target.tail(externalId));
  } catch (error) {
    const why = messageOf(error);
    deps.report('info', 'the last lines of a job could not be read', { target: target.name, why });
    return undefined;
  }
}

function keep(sights: Sights, runId: string, seen: Seen): void {
  sights.delete(runId);
  sights.set(runId, seen);
  const [oldest] = sights.keys();
  if (sights.size > MOST && oldest !== undefined) sights.delete(oldest);
}
