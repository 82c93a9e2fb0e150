import assert from 'node:assert/strict';
import { AppError, errorCodes, messageOf } from '../../src/domain/errors.ts';

const details = { code: 'store-unavailable', message: 'disk full', fix: 'Free some space.' } as const;

describe('an error of ours', () => {
  it('is careful: nothing is repeated or taken for done that does not say so', () => {
    const error = new AppError(details);
    const { name, code, message, fix, retryable, maybeApplied, retryAfterMs } = error;
    assert.deepEqual(
      { name, code, message, fix, retryable, maybeApplied, retryAfterMs },
      { ...details, name: 'AppError', retryable: false, maybeApplied: false, retryAfterMs: undefined },
    );
    assert.ok(error instanceof Error);
    assert.equal(Object.hasOwn(error, 'cause'), false);
  });

  it('says what it was told of the cause, of a repeat, and of what may have happened', () => {
    const cause = new TypeError('x');
    const error = new AppError({
      ...details,
      cause,
      retryable: true,
      maybeApplied: true,
      retryAfterMs: 2_000,
    });
    assert.equal(error.cause, cause);
    assert.deepEqual([error.retryable, error.maybeApplied, error.retryAfterMs], [true, true, 2_000]);
  });

  for (const [code, meaning] of Object.entries(errorCodes))
    it(`has a code with a meaning: ${code}`, () => assert.match(meaning, /^\S+( \S+){3,}$/));
});

describe('the message of what was thrown', () => {
  it('is that of an error, and the text of anything else', () => {
    assert.equal(messageOf(new AppError(details)), 'disk full');
    assert.equal(messageOf(new RangeError('too far')), 'too far');
    assert.equal(messageOf('plain'), 'plain');
    assert.equal(messageOf(undefined), 'undefined');
  });
});
