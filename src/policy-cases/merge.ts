type Plain = Readonly<Record<string, unknown>>;

const isPlain = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Lays changes over a value: fields are merged, lists and texts replaced, and `null` takes a field away. */
export function merge<T extends object>(base: T, changes: object | undefined): T {
  return changes === undefined ? base : (merged(base, changes) as T);
}

function merged(base: unknown, changes: unknown): unknown {
  if (!isPlain(changes)) return changes;
  const result = new Map(Object.entries(isPlain(base) ? base : {}));
  for (const [field, change] of Object.entries(changes)) {
    if (change === null) result.delete(field);
    else result.set(field, merged(result.get(field), change));
  }
  return Object.fromEntries(result);
}
