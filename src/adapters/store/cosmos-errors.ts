import { AppError } from '../../domain/errors.ts';

/** Never left this machine, so certainly nothing was written. */
const neverSent = new Set<unknown>(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN']);
/** Answers below 500 that do not say whether the write happened: request timeout, retry with. */
const openAnswers = new Set([408, 449]);

/** The HTTP status of what the SDK threw; undefined when there was no answer. */
export function statusOf(error: unknown): number | undefined {
  const code = codeOf(error);
  return typeof code === 'number' ? code : undefined;
}

function codeOf(error: unknown): unknown {
  return error instanceof Object && 'code' in error ? error.code : undefined;
}

/**
 * An error of the SDK in our words. Its own error object is not kept: it holds request headers.
 * A write without a definite answer may have been carried out.
 */
export function cosmosFailure(error: unknown, what: string, write: boolean): AppError {
  if (error instanceof AppError) return error;
  const code = codeOf(error);
  const status = statusOf(error);
  const name = error instanceof Error ? error.name : 'error';
  const message = `Cosmos DB could not ${what}: ${String(code ?? name)}`;
  if (status === 429)
    return new AppError({
      code: 'store-unavailable',
      message,
      fix: 'The database is at its throughput limit: wait, or raise its RU/s.',
      retryable: true,
      retryAfterMs: retryAfterOf(error),
    });
  if (status !== undefined && status < 500 && !openAnswers.has(status))
    return new AppError({ code: 'store-refused', message, fix: fixOf(status) });
  return new AppError({
    code: 'store-unavailable',
    message,
    fix: 'Check the endpoint of the Cosmos DB account and the network to it, then try again.',
    retryable: true,
    maybeApplied: write && !neverSent.has(code),
  });
}

function retryAfterOf(error: unknown): number {
  const asked = error instanceof Object && 'retryAfterInMs' in error ? Number(error.retryAfterInMs) : 0;
  return Number.isFinite(asked) ? asked : 0;
}

function fixOf(status: number): string {
  switch (status) {
    case 401:
    case 403:
      return 'Give the identity of Handrail its data roles on the database: append and read on audit, contributor on state.';
    case 404:
      return 'Create the database with the containers audit and state (partition key /pk), see infra/.';
    default:
      return 'This is a defect in Handrail or in the containers: report it with this message.';
  }
}
