import { spell } from '../duration.ts';
import { newestFirst } from './past-runs.ts';
import { allow, denyUntil, type Guardrail, unknown } from './verdict.ts';

/** The same runbook does not run again on the same item so soon. */
export const cooldown: Guardrail = (facts) => {
  const { runbook, now } = facts;
  if (runbook.cooldown === 0) return allow('the runbook has no cooldown');
  const { history } = facts;
  if (!history.ok) return unknown('the cooldown', history);
  const [last] = newestFirst(history.value.filter((run) => run.runbook === runbook.id));
  if (last === undefined) return allow('no earlier run on this CI');
  const since = now.getTime() - last.at.getTime();
  const seen = { run: last.runId, at: last.at.toISOString() };
  if (since >= runbook.cooldown) return allow(`last run ${spell(since)} ago`, seen);
  const until = new Date(last.at.getTime() + runbook.cooldown);
  return denyUntil(until, `ran ${spell(since)} ago; the cooldown is ${spell(runbook.cooldown)}`, seen);
};
