import type { Run, StepRecord } from '../domain/run.ts';
import type { ProbeMoment } from '../ports.ts';

/**
 * When a probe is asked. The change ended when the step after the last job that may change something was claimed: both are
 * stored together. Without such a job nothing was changed since the run's first step.
 */
export function momentOf({ approval, steps }: Run, { id, startedAt, deadline }: StepRecord): ProbeMoment {
  const changing = (approval?.plan.steps ?? []).filter(
    ({ does, phase }) => does === 'job' && (phase === 'remediation' || phase === 'rollback'),
  );
  const before = steps.slice(
    0,
    steps.findIndex((step) => step.id === id),
  );
  const changes = before.filter((step) => changing.some((one) => one.id === step.id));
  const last = changes.at(-1);
  const next = steps[last === undefined ? 0 : steps.indexOf(last) + 1];
  const [first] = changes;
  return {
    since: new Date(next?.startedAt ?? startedAt),
    until: new Date(deadline),
    ...(first === undefined ? {} : { before: new Date(first.startedAt) }),
  };
}
