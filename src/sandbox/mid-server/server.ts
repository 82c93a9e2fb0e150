import { z } from 'zod';
import {
  type Answer,
  type Handler,
  hasToken,
  problem,
  type Running,
  startLoopback,
} from '../ops-api/loopback.ts';
import { openWorkers } from './workers.ts';

export type MidServersOptions = {
  /** 0 or nothing: a free port. */
  readonly port?: number;
  readonly adminToken: string;
  readonly names: readonly string[];
  /** How long a service takes to start; 300 ms without it. */
  readonly startMs?: number;
  /** JSON; with it the state survives a restart. */
  readonly stateFile?: string;
};

const Break = z.strictObject({ fault: z.enum(['hung', 'stopped', 'upgrading']) });

/**
 * The hosts of some MID servers. `/mid-eu-01/health` answers 200 while its service reads the queue, else 503; services
 * are broken, restarted and read under `/workers/{name}` with the admin token.
 */
export function startMidServers(options: MidServersOptions): Promise<Running> {
  const workers = openWorkers(options.names, options.startMs ?? 300, options.stateFile);
  const admin =
    (answer: (name: string, body: unknown) => Answer): Handler =>
    (ask) => {
      if (!hasToken(ask, options.adminToken)) return problem(401, 'the admin token is not valid');
      const name = ask.params['worker'] ?? '';
      return workers.view(name) === undefined ? problem(404, 'no such MID server') : answer(name, ask.json);
    };
  return startLoopback(
    {
      'GET /workers/:worker': admin((name) => ({ status: 200, json: workers.view(name) })),
      'GET /workers/:worker/log': admin((name) => ({ status: 200, json: { lines: workers.log(name) } })),
      'POST /workers/:worker/restart': admin((name) =>
        workers.restart(name) === 'upgrading'
          ? problem(409, 'an upgrade is in progress')
          : { status: 202, json: workers.view(name) },
      ),
      'POST /workers/:worker/break': admin((name, body) => {
        const how = Break.safeParse(body);
        if (!how.success) return problem(400, 'the body does not fit', z.prettifyError(how.error));
        workers.break(name, how.data.fault);
        return { status: 202, json: workers.view(name) };
      }),
      'GET /:worker/health': (ask) => {
        const view = workers.view(ask.params['worker'] ?? '');
        if (view === undefined) return problem(404, 'no such MID server');
        return view.readsQueue
          ? { status: 200, text: `OK, ${view.waiting} waiting` }
          : { status: 503, text: `the queue is not read: ${view.waiting} waiting` };
      },
    },
    options.port,
  );
}
