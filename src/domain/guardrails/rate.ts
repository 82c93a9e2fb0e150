import { freeAt, runsWithin } from './past-runs.ts';
import { allow, denyUntil, type Guardrail, unknown } from './verdict.ts';

const HOUR = 3_600_000;

/** How many remediations may begin within an hour, all together and of one runbook. */
export const rate: Guardrail = (facts) => {
  const { perHour, perRunbookPerHour } = facts.policy.limits;
  if (perHour === undefined && perRunbookPerHour === undefined) return allow('the rate is not limited');
  const { lastHour, runbook } = facts;
  if (!lastHour.ok) return unknown('the runs of the last hour', lastHour);
  const all = runsWithin(lastHour.value, HOUR, facts.now);
  const own = all.filter((run) => run.runbook === runbook.id);
  const seen = { runs: String(all.length), [`runs of ${runbook.id}`]: String(own.length) };
  const reached = [
    { free: freeAt(all, perHour, HOUR), says: `${all.length} runs in the last hour; at most ${perHour} may` },
    {
      free: freeAt(own, perRunbookPerHour, HOUR),
      says: `${own.length} runs of ${runbook.id} in the last hour; at most ${perRunbookPerHour} may`,
    },
  ].flatMap(({ free, says }) => (free === undefined ? [] : [{ free: free.getTime(), says }]));
  if (reached.length === 0) return allow(`${all.length} runs in the last hour`, seen);
  const until = new Date(Math.max(...reached.map(({ free }) => free)));
  return denyUntil(until, reached.map(({ says }) => says).join('; '), seen);
};
