import { currentStep, type Run } from './run.ts';
import type { RunView } from './view.ts';

/** What was seen of a running job when somebody last looked. It is no part of the record: losing it costs a look. */
export type Sight = {
  readonly executionId: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** The last lines of its log, secrets masked; '' when there are none. */
  readonly lines: string;
  /** The target, and the job's page there. */
  readonly target: string;
  readonly link?: string;
};

/** How far the running step is; undefined when none is running. What was seen of another step is not shown. */
export function progressOf(run: Run, sight: Sight | undefined): RunView['progress'] {
  const record = currentStep(run);
  if (record === undefined || run.closed !== undefined) return undefined;
  const since = { since: record.startedAt };
  if (sight?.executionId !== record.executionId) return since;
  const { at, lines, link, target } = sight;
  return { ...since, at, lines, ...(link === undefined ? {} : { link: { target, url: link } }) };
}
