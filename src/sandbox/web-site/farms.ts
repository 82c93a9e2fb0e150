import type { PoolDefinition, PoolView } from './pools.ts';

/** A web farm: one application on several servers, each with an application pool of its own, behind a load balancer. */
export type Farm = { readonly name: string; readonly servers: readonly string[] };

/** The pool of an application on one server of its farm; its path as well, for whoever asks that server alone. */
export const poolOn = (farm: string, server: string): string => `${farm}.${server}`;

export const poolsOfFarms = (farms: readonly Farm[]): PoolDefinition[] =>
  farms.flatMap(({ name, servers }) => servers.map((server) => ({ name: poolOn(name, server) })));

/**
 * Sends each request to the next server that is up, as a load balancer with health checks does. With fewer than half of
 * them the others are overrun, and the farm answers 503. Undefined for what is no farm.
 */
export function loadBalancer(
  farms: readonly Farm[],
  view: (pool: string) => PoolView | undefined,
  visit: (pool: string, path: string) => PoolView | undefined,
) {
  const turns = new Map<string, number>();
  return (name: string, path: string): PoolView | undefined => {
    const farm = farms.find((one) => one.name === name);
    if (farm === undefined) return undefined;
    const pools = farm.servers.map((server) => poolOn(name, server));
    const up = pools.filter((pool) => view(pool)?.state === 'started');
    const turn = (turns.get(name) ?? 0) + 1;
    turns.set(name, turn);
    const next = up[turn % Math.max(1, up.length)];
    if (next === undefined || 2 * up.length < pools.length) {
      const reason = `${up.length} of ${pools.length} servers are up`;
      return { name, state: 'broken', reason, recycles: 0 };
    }
    return visit(next, path);
  };
}
