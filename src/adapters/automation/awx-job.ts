import { z } from 'zod';
import { parseJson } from './http.ts';

const Time = z.string().nullish();
/** A job or a workflow job as AWX shows it; of the answer only ids, times and texts are used, never a URL. */
export const Job = z.object({
  id: z.number().int().positive(),
  type: z.enum(['job', 'workflow_job']),
  status: z.string(),
  created: Time,
  started: Time,
  canceled_on: Time,
  job_explanation: z.string().nullish(),
  result_traceback: z.string().nullish(),
  event_processing_finished: z.boolean().nullish(),
  launch_type: z.string().nullish(),
  unified_job_template: z.number().nullish(),
  /** JSON in a string. */
  extra_vars: z.string().nullish(),
  artifacts: z.record(z.string(), z.unknown()).nullish(),
});
export type Job = z.infer<typeof Job>;

const Variables = z.record(z.string(), z.unknown());

/** Was the job launched with this execution id? */
export const carries = (job: Job, variable: string, executionId: string): boolean =>
  Variables.safeParse(parseJson(job.extra_vars ?? '')).data?.[variable] === executionId;

/** What a playbook did on one host. `dark` is unreachable. */
export const HostSummary = z.object({
  host_name: z.string(),
  ok: z.number().default(0),
  changed: z.number().default(0),
  failures: z.number().default(0),
  dark: z.number().default(0),
  skipped: z.number().default(0),
  rescued: z.number().default(0),
  ignored: z.number().default(0),
});
export type HostSummary = z.infer<typeof HostSummary>;

/** A node of a workflow job; without a job it did not run. */
export const Node = z.object({
  identifier: z.string().default(''),
  job: z.number().int().positive().nullish(),
  summary_fields: z
    .object({
      job: z.object({ name: z.string(), status: z.string(), type: z.string() }).optional(),
      unified_job_template: z.object({ name: z.string() }).optional(),
    })
    .default({}),
});
export type Node = z.infer<typeof Node>;
