import { errorDetails } from './adapters/telemetry/lines.ts';
import type { Log } from './flow/deps.ts';
import type { Intake } from './flow/intake.ts';
import type { Round } from './flow/reconcile-incidents.ts';

/** How often events that were stored but not processed are looked for. */
const SWEEP_MS = 10_000;
/** How often incidents are looked for that no event told of. The first time is a few seconds after the start. */
const RECONCILE_MS = 300_000;
const FIRST_RECONCILE_MS = 5_000;

/** Looks again and again for what was forgotten here or never told. Answers how to stop. */
export function keepLooking(
  events: Pick<Intake, 'sweep'>,
  reconcile: () => Promise<Round>,
  report: Log,
): () => void {
  const sweep = setInterval(() => {
    events
      .sweep()
      .catch((error: unknown) => report('warn', 'the inbox could not be swept', errorDetails(error)));
  }, SWEEP_MS);
  let stopped = false;
  let timer: NodeJS.Timeout;
  next(FIRST_RECONCILE_MS * Math.random());
  return () => {
    stopped = true;
    clearInterval(sweep);
    clearTimeout(timer);
  };

  function next(ms: number): void {
    if (!stopped) timer = setTimeout(() => void round(), ms);
  }

  /** Each a little sooner or later than the one before, so that replicas do not ask together. */
  function round(): Promise<void> {
    return reconcile()
      .then(({ looked, news }) => {
        if (news > 0) report('info', 'there was news of incidents that no event had told', { looked, news });
      })
      .catch((error: unknown) => report('warn', 'incidents could not be reconciled', errorDetails(error)))
      .finally(() => next(RECONCILE_MS * (0.8 + 0.4 * Math.random())));
  }
}
