type Plain = Readonly<Record<string, unknown>>;

const isPlain = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Lays changes over a value: fields are merged, lists and texts replaced, and `null` takes a field away. */
export const merge = <T extends object>(base: T, changes: object | undefined): T =>
  changes === undefined ? base : (laid(base, changes, false) as T);

/** Lays changes over changes. What takes a field away goes on doing so. */
export const overlay = <T extends object>(base: T, changes: object | undefined): T =>
  changes === undefined ? base : (laid(base, changes, true) as T);

function laid(base: unknown, changes: unknown, keepsNull: boolean): unknown {
  if (!isPlain(changes)) return changes;
  const result = new Map(Object.entries(isPlain(base) ? base : {}));
  for (const [field, change] of Object.entries(changes)) {
    if (change === null && !keepsNull) result.delete(field);
    else result.set(field, laid(result.get(field), change, keepsNull));
  }
  return Object.fromEntries(result);
}
