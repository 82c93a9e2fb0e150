import { type JobTable, jobRunner } from './job-runner.ts';
import { logPage } from './log-page.ts';
import {
  type Answer,
  type Ask,
  type Handler,
  hasToken,
  problem,
  type Running,
  startLoopback,
} from './loopback.ts';
import { isOver, openRunStore, type Run } from './run-store.ts';
import { submission } from './submit.ts';

export type OpsApiOptions = {
  /** 0 or nothing: a free port. */
  readonly port?: number;
  readonly token: string;
  readonly jobs: JobTable;
  /** JSON lines; with it runs, their logs and idempotency keys survive a restart. */
  readonly stateFile?: string;
  /** What Retry-After says while a run is not over; 1 without it. */
  readonly retryAfterSeconds?: number;
};

/** The simulated ops-runbook API: it runs the jobs of the table for real and honours idempotency keys durably. */
export async function startOpsApi(options: OpsApiOptions): Promise<Running> {
  const store = openRunStore(options.stateFile);
  const runner = jobRunner(store, options.jobs);
  const retryAfter = { 'retry-after': String(options.retryAfterSeconds ?? 1) };

  const shown = (run: Run, status: number, headers: Answer['headers'] = {}): Answer => {
    const { key: _key, fingerprint: _fingerprint, ...open } = run;
    return { status, json: open, headers: { ...(isOver(run) ? {} : retryAfter), ...headers } };
  };
  const guarded =
    (handler: Handler): Handler =>
    (ask) =>
      hasToken(ask, options.token) ? handler(ask) : problem(401, 'the bearer token is not valid');
  const ofRun = (answer: (run: Run, ask: Ask) => Answer): Handler =>
    guarded((ask) => {
      const run = store.get(ask.params['id'] ?? '');
      return run === undefined ? problem(404, 'unknown run') : answer(run, ask);
    });
  const cancel = (run: Run): Answer => {
    if (isOver(run)) return problem(409, 'the run is over');
    runner.cancel(run.id);
    return { status: 202 };
  };
  const list: Handler = (ask) => {
    const run = store.withKey((ask.query.get('idempotency_key') ?? '').toLowerCase());
    return { status: 200, json: { runs: run === undefined ? [] : [shown(run, 200).json] } };
  };

  const server = await startLoopback(
    {
      'POST /runs': guarded(
        submission(store, runner, (run) => shown(run, 202, { location: `/runs/${run.id}` })),
      ),
      'GET /runs': guarded(list),
      'GET /runs/:id': ofRun((run) => shown(run, 200)),
      'GET /runs/:id/log': ofRun((run, ask) => logPage(store.logOf(run.id), ask.query.get('after') ?? '0')),
      'POST /runs/:id/cancel': ofRun(cancel),
    },
    options.port,
  );
  const close = async () => {
    await server.close();
    await runner.close();
    store.close();
  };
  return { url: server.url, close };
}
