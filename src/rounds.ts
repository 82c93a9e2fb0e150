import { errorDetails } from './adapters/telemetry/lines.ts';
import type { Log } from './flow/deps.ts';
import type { Intake } from './flow/intake.ts';
import type { Round } from './flow/reconcile-incidents.ts';

/** In milliseconds. */
type Pauses = {
  /** Between two looks for events that were stored but not processed. */
  readonly sweep: number;
  /** Between two looks for incidents that no event told of, about; the first one comes within `first`. */
  readonly reconcile: number;
  readonly first: number;
};
const usual: Pauses = { sweep: 10_000, reconcile: 300_000, first: 5_000 };

/**
 * Looks again and again for what was forgotten here or never told, the first time at once and beside the start: while
 * ServiceNow is away its events have to be taken all the same. Answers how to stop.
 */
export function keepLooking(
  events: Pick<Intake, 'sweep'>,
  reconcile: () => Promise<Round>,
  report: Log,
  pauses: Pauses = usual,
): () => void {
  let sweeps = false;
  const sweep = (): void => {
    // one takes long while ServiceNow is away, and finds what the next one would find
    if (sweeps) return;
    sweeps = true;
    events
      .sweep()
      .catch((error: unknown) => report('warn', 'the inbox could not be swept', errorDetails(error)))
      .finally(() => {
        sweeps = false;
      });
  };
  sweep();
  const sweeping = setInterval(sweep, pauses.sweep);
  let stopped = false;
  let timer: NodeJS.Timeout;
  next(pauses.first * Math.random());
  return () => {
    stopped = true;
    clearInterval(sweeping);
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
      .finally(() => next(pauses.reconcile * (0.8 + 0.4 * Math.random())));
  }
}
