import assert from 'node:assert/strict';
import { AppError } from '../../../src/domain/errors.ts';

/** The AppError a call ends with. */
export async function refusal(call: Promise<unknown>): Promise<AppError> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof AppError, `expected an AppError, got ${String(error)}`);
  return error;
}
