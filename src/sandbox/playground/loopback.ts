const loopback = '127.0.0.1';

const isTcpPort = (value: unknown): boolean => /^\d+$/.test(String(value));

/**
 * The arguments of `net.Server.listen` with the host set to 127.0.0.1, whichever of its forms they have.
 * Unix sockets, named pipes and handed-over descriptors stay as they are.
 */
export function onLoopback(args: readonly unknown[]): unknown[] {
  const [first, ...rest] = args;
  if (typeof first === 'object' && first !== null) {
    const elsewhere = ['path', 'fd', 'handle', '_handle'].some((key) => key in first);
    return elsewhere ? [...args] : [{ ...first, host: loopback }, ...rest];
  }
  if (typeof first === 'string' && !isTcpPort(first)) return [...args];
  const [port, ...others] = isTcpPort(first) ? args : [0, ...args];
  const backlogAndCallback = others.filter((argument) => ['number', 'function'].includes(typeof argument));
  return [port, loopback, ...backlogAndCallback];
}
