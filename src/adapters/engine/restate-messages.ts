import { z } from 'zod';
import { Reply } from '../../domain/commands.ts';
import { AppError, type ErrorCode, errorCodes } from '../../domain/errors.ts';

/**
 * Everything that goes through the engine. Messages of older and newer code meet here: fields are only ever added, and
 * unknown ones are ignored. None holds what a command says; the engine keeps its messages in clear.
 */

/** Drive now. With `at` (epoch milliseconds): not before that time. `armed` marks the run's own timer. */
export const Wake = z.object({ at: z.number().optional(), armed: z.boolean().default(false) });
export type Wake = z.input<typeof Wake>;

/** The id under which the command waits in the state store. */
export const CommandRef = z.object({ command: z.string().min(1) });
export type CommandRef = z.infer<typeof CommandRef>;

const Failure = z.object({
  code: z.enum(Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]]).catch('engine-unavailable'),
  retryable: z.boolean(),
  maybeApplied: z.boolean(),
});

/** What became of a command. An error crosses as its code only. */
export const Outcome = z.union([z.object({ reply: Reply }), z.object({ failure: Failure })]);
export type Outcome = z.infer<typeof Outcome>;

/** The outcome of a call that threw. */
export function failureOf(error: unknown): Outcome {
  if (!(error instanceof AppError)) {
    return { failure: { code: 'engine-unavailable', retryable: true, maybeApplied: true } };
  }
  const { code, retryable, maybeApplied } = error;
  return { failure: { code, retryable, maybeApplied } };
}

/** The reply, or the error that the command ended with. */
export function replyOf(outcome: Outcome): Reply {
  if ('reply' in outcome) return outcome.reply;
  const { code, retryable, maybeApplied } = outcome.failure;
  throw new AppError({
    code,
    message: `The command failed: ${errorCodes[code]}.`,
    fix: retryable ? 'Try again in a minute.' : 'Ask an operator to look for this error in the log.',
    retryable,
    maybeApplied,
  });
}
