import { z } from 'zod';
import {
  type Answer,
  type Handler,
  hasToken,
  problem,
  type Running,
  startLoopback,
} from '../ops-api/loopback.ts';
import { type Farm, loadBalancer, poolsOfFarms } from './farms.ts';
import { openPools, type PoolDefinition, type PoolView } from './pools.ts';

export type WebSiteOptions = {
  /** 0 or nothing: a free port. */
  readonly port?: number;
  readonly adminToken: string;
  readonly pools: readonly PoolDefinition[];
  /** Applications on several servers: `/orders/health` asks whichever is up, `/orders.web-01/health` that one. */
  readonly farms?: readonly Farm[];
  /** How long a worker process takes to start after a recycle; 300 ms without it. */
  readonly startMs?: number;
  /** JSON; with it the state of the pools survives a restart. */
  readonly stateFile?: string;
};

const Break = z.strictObject({
  reason: z.string().max(200).optional(),
  kind: z.enum(['worker', 'config']).optional(),
});

const poolAnswer = (pool: PoolView): Answer => {
  if (pool.state === 'started') return { status: 200, text: 'OK' };
  const reason = pool.reason || 'the worker process is starting';
  return {
    status: 503,
    headers: { 'retry-after': '1' },
    text: `Service Unavailable\napplication pool: ${pool.name}\nreason: ${reason}\n`,
  };
};

/**
 * A small site on application pools, one path each: `/shop/health` answers 200 "OK", or 503 with the reason while the pool
 * is broken. Pools are broken, recycled, restored and read under `/pools/{name}/` with the admin token.
 */
export function startWebSite(options: WebSiteOptions): Promise<Running> {
  const { farms = [] } = options;
  const definitions = [...options.pools, ...poolsOfFarms(farms)];
  const pools = openPools(definitions, options.startMs ?? 300, options.stateFile);
  const balance = loadBalancer(farms, pools.view, pools.visit);
  const views = () => pools.names().flatMap((name) => pools.view(name) ?? []);

  const application: Handler = (ask) => {
    const name = ask.params['pool'] ?? '';
    const pool = balance(name, ask.path) ?? pools.visit(name, ask.path);
    return pool === undefined ? problem(404, 'no such application') : poolAnswer(pool);
  };
  const admin =
    (answer: (name: string, body: unknown) => Answer): Handler =>
    (ask) => {
      if (!hasToken(ask, options.adminToken)) return problem(401, 'the admin token is not valid');
      const name = ask.params['pool'] ?? '';
      return pools.view(name) === undefined ? problem(404, 'no such pool') : answer(name, ask.json);
    };
  const act = (does: (name: string) => void): Handler =>
    admin((name) => {
      does(name);
      return { status: 202, json: pools.view(name) };
    });

  return startLoopback(
    {
      'GET /': () => ({
        status: 200,
        text: views()
          .map(({ name, state }) => `/${name}/ ${state}\n`)
          .join(''),
      }),
      'GET /health': () => poolAnswer(views().find(({ state }) => state !== 'started') ?? allWell),
      'GET /pools/:pool': admin((name) => ({ status: 200, json: pools.view(name) })),
      'GET /pools/:pool/log': admin((name) => ({ status: 200, json: pools.log(name) })),
      'POST /pools/:pool/recycle': act(pools.recycle),
      'POST /pools/:pool/restore-config': act(pools.restoreConfig),
      'POST /pools/:pool/break': admin((name, body) => {
        const how = Break.safeParse(body ?? {});
        if (!how.success) return problem(400, 'the body does not fit', z.prettifyError(how.error));
        pools.break(name, how.data.reason, how.data.kind);
        return { status: 202, json: pools.view(name) };
      }),
      'GET /:pool/*': application,
      'GET /:pool': application,
    },
    options.port,
  );
}

const allWell: PoolView = { name: '', state: 'started', reason: '', recycles: 0 };
