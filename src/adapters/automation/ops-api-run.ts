import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { HostResult } from '../../domain/step-end.ts';
import type { JobStatus } from '../../ports.ts';
import type { Mask } from './mask.ts';
import { oneLine } from './refusal.ts';

const Id = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/);

/** A run as the API shows it. Of an answer only ids and texts are used, never a URL. */
export const Run = z.object({
  id: Id,
  status: z.string(),
  detail: z.string().nullish(),
  execution_id: z.string().nullish(),
  /** How it ended on each host, where the API tells. */
  hosts: z
    .array(z.object({ host: z.string().min(1), result: z.string(), detail: z.string().nullish() }))
    .nullish(),
});
export type Run = z.infer<typeof Run>;
export const RunList = z.object({ runs: z.array(Run) });
export const LogAnswer = z.object({
  text: z.string(),
  next: z.number().int().nonnegative(),
  size: z.number().int().nonnegative(),
});

const States = z.enum(['queued', 'running', 'succeeded', 'failed', 'canceled']);
const pollMs = { least: 500, most: 60_000 };

/** What a run's answer means. A status the API does not document is `unknown`, which a person decides on. */
export function statusOf(name: string, run: Run, mask: Mask, retryAfterMs: number | undefined): JobStatus {
  const state = States.safeParse(run.status).data;
  if (state === undefined)
    return {
      externalId: run.id,
      state: 'unknown',
      detail: oneLine(mask(`${name} reports the status "${run.status}", which is not documented`)),
    };
  const pending = state === 'queued' || state === 'running';
  return {
    externalId: run.id,
    state,
    detail: oneLine(mask(run.detail ?? '')),
    ...(pending && retryAfterMs !== undefined
      ? { pollAfterMs: Math.min(pollMs.most, Math.max(pollMs.least, retryAfterMs)) }
      : {}),
    ...(pending || !run.hosts ? {} : { hosts: run.hosts.map((host) => hostOf(host, mask)) }),
  };
}

const HostResults = z.enum(['succeeded', 'failed']);

/** As with runs: a result that is not documented is `unknown`. */
function hostOf({ host, result, detail }: NonNullable<Run['hosts']>[number], mask: Mask): HostResult {
  const known = HostResults.safeParse(result).data;
  const said =
    known === undefined ? `its result is called "${result}", which is not documented` : (detail ?? '');
  const text = oneLine(mask(said));
  return { host, result: known ?? 'unknown', ...(text === '' ? {} : { detail: text }) };
}

/** The path of a run. Throws `target-refused` for an id that no target of ours gave out. */
export function runPath(name: string, externalId: string): string {
  if (Id.safeParse(externalId).success) return `/runs/${encodeURIComponent(externalId)}`;
  throw unusable(name, 'the run id is not one of this target');
}

/** Throws `target-refused` unless the execution id is a UUID, as idempotency keys have to be. */
export function checkExecutionId(name: string, executionId: string): void {
  if (!z.guid().safeParse(executionId).success) throw unusable(name, 'the execution id is no UUID');
}

const unusable = (name: string, what: string) =>
  new AppError({
    code: 'target-refused',
    message: `nothing was sent to ${name}: ${what}`,
    fix: 'Report this as a defect of Handrail, with the run id.',
  });

/** The answer is about somebody else's run: a filter was ignored, or a proxy mixed up answers. */
export const foreignRun = (name: string, maybeApplied: boolean): AppError =>
  new AppError({
    code: 'target-refused',
    message: `${name} answered with a run that is not the one asked for`,
    fix: `Check that ${name} honours Idempotency-Key and idempotency_key and shows execution_id on its runs.`,
    maybeApplied,
  });
