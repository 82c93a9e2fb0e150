const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** When a run id was made: the first ten characters of a ULID are its time in milliseconds (github.com/ulid/spec). */
export const startOf = (runId: string): Date =>
  new Date(
    [...runId.slice(0, 10)].reduce((ms, letter) => ms * 32 + Math.max(0, crockford.indexOf(letter)), 0),
  );
