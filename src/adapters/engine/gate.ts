/** Lets at most `limit` calls run at once; the others wait in order. */
export function gate(limit: number): <T>(call: () => Promise<T>) => Promise<T> {
  const queue: (() => void)[] = [];
  let open = limit;

  return async (call) => {
    if (open > 0) open -= 1;
    else await new Promise<void>((resolve) => queue.push(resolve));
    try {
      return await call();
    } finally {
      const next = queue.shift();
      if (next === undefined) open += 1;
      else next();
    }
  };
}
