import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { digest } from '../../domain/json.ts';
import type { JobRunner } from './job-runner.ts';
import { type Answer, type Ask, type Handler, problem } from './loopback.ts';
import type { Run, RunStore } from './run-store.ts';

const Submission = z.strictObject({
  runbook: z.string().min(1).max(200),
  parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  execution_id: z.guid(),
  reference: z.string().max(200),
});
type Submission = z.infer<typeof Submission>;
/** A structured-field string (RFC 9651), as the Idempotency-Key draft asks: quoted. */
const keyForm = /^"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"$/i;

/** `POST /runs`: the same key and body give the same run, whatever happens in between. */
export function submission(store: RunStore, runner: JobRunner, accepted: (run: Run) => Answer): Handler {
  /** Keys of requests that are accepted and not carried out yet. */
  const claimed = new Set<string>();

  const known = (key: string, fingerprint: string): Answer | undefined => {
    if (claimed.has(key)) return problem(409, 'a request with this Idempotency-Key is being processed');
    const run = store.withKey(key);
    if (run === undefined) return undefined;
    if (run.fingerprint === fingerprint) return accepted(run);
    return problem(422, 'this Idempotency-Key was used with another body');
  };

  function create(key: string, fingerprint: string, { parameters, ...rest }: Submission): Run {
    const run: Run = {
      ...rest,
      id: `run-${randomUUID()}`,
      key,
      fingerprint,
      status: 'queued',
      detail: '',
      created_at: new Date().toISOString(),
      started_at: null,
      finished_at: null,
    };
    store.create(run);
    runner.start(run.id, run.runbook, parameters);
    return run;
  }

  return async (ask: Ask) => {
    const key = keyForm.exec(String(ask.headers['idempotency-key']))?.[1]?.toLowerCase();
    if (key === undefined) return problem(400, 'Idempotency-Key is missing', 'send a quoted UUID');
    const { data: body, error } = Submission.safeParse(ask.json);
    if (body === undefined) return problem(400, 'the body does not fit', z.prettifyError(error));
    const fingerprint = digest(body);
    const repeat = known(key, fingerprint);
    if (repeat !== undefined) return repeat;
    if (!runner.has(body.runbook)) return problem(404, 'unknown runbook', body.runbook);
    claimed.add(key);
    try {
      await ask.beforeCommit();
      return accepted(create(key, fingerprint, body));
    } finally {
      claimed.delete(key);
    }
  };
}
