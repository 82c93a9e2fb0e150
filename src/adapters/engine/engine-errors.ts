import { AppError } from '../../domain/errors.ts';

/** What callers get while the engine does not run. Nothing is lost: the next start drives every open run. */
export const notRunning = (): AppError =>
  new AppError({
    code: 'engine-unavailable',
    message: 'The engine is not running: Handrail is starting or stopping.',
    fix: 'Try again in a minute.',
    retryable: true,
  });

/** A stop that did not get everything to its end. */
export const stillBusy = (ms: number): AppError =>
  new AppError({
    code: 'engine-unavailable',
    message: `Calls were still in progress ${ms} ms after the stop.`,
    fix: 'Nothing to do: what they were about is taken up again at the next start.',
    retryable: true,
  });
