import type { ProbeSpec } from './domain/probe.ts';
import type { Scalar } from './domain/runbook.ts';
import type { HostResult } from './domain/step-end.ts';

/** The ports of what changes things and of what looks at them: automation systems and probes. */

export type Launch = {
  readonly job: string;
  readonly parameters: Readonly<Record<string, Scalar>>;
  /** A UUID that is fixed before the call: idempotency key and the handle to find the job again. */
  readonly executionId: string;
  readonly runId: string;
};
export type JobStatus = {
  readonly externalId: string;
  readonly state: 'queued' | 'running' | 'succeeded' | 'failed' | 'canceled' | 'unknown';
  /** One line for people, e.g. the target's own explanation. */
  readonly detail: string;
  /** When the target would like to be asked again. */
  readonly pollAfterMs?: number;
  /** How it ended on each host, once it is over, where the target tells. */
  readonly hosts?: readonly HostResult[];
};

/** A file a job left behind, secrets masked. */
export type Artifact = { readonly name: string; readonly type: string; readonly bytes: Uint8Array };

/** An automation system. Errors are AppError; `maybeApplied` on a launch means the job may exist. */
export interface Target {
  readonly name: string;
  /** The target honours `executionId` as an idempotency key: the same launch twice gives one job. */
  readonly idempotent: boolean;
  launch(launch: Launch): Promise<JobStatus>;
  /** The job launched with this execution id, if the target has one. */
  find(executionId: string): Promise<JobStatus | undefined>;
  poll(externalId: string): Promise<JobStatus>;
  /**
   * Those of these jobs that are certainly on their way, in as few requests as it takes. Of any other nothing is said, and
   * it has to be polled by itself.
   */
  underWay?(externalIds: readonly string[]): Promise<readonly JobStatus[]>;
  /**
   * Where all who ask take turns: when this job may be polled, from `at` on. Undefined is now, and uses the turn up; a
   * time is kept for it. `urgent`: the job has to stop.
   */
  turn?(externalId: string, wanted: { readonly at: Date; readonly urgent: boolean }): Date | undefined;
  /** Asks for cancellation; the answer comes by poll. */
  cancel(externalId: string): Promise<void>;
  /** The job's log from the start, capped in size, secrets masked. */
  log(externalId: string): Promise<{ readonly text: string; readonly truncated: boolean }>;
  /** The last whole lines a job has written so far, secrets masked; undefined when the target had better not be asked now. */
  tail?(externalId: string): Promise<string | undefined>;
  /** The job's page for people, below the target's own address; undefined while it is not known. */
  link?(externalId: string): string | undefined;
  /** Would this launch be accepted exactly as it is, with no field ignored and every parameter defined? Reads only. */
  preflight?(
    launch: Launch,
  ): Promise<{ readonly ok: true } | { readonly ok: false; readonly reason: string; readonly fix: string }>;
  /** What the job left behind besides its log. */
  artifacts?(externalId: string): Promise<readonly Artifact[]>;
  /** Is it up, able to run jobs, and are we let in? Never throws for a target that is down. */
  health?(): Promise<{ readonly ok: true } | { readonly ok: false; readonly why: string }>;
}

export type ProbeCheck = {
  /** ISO time: of the request, or of the sample where one request gives many. */
  readonly at: string;
  readonly ok: boolean;
  /** HTTP status, 0 when there was no answer. */
  readonly status: number;
  readonly ms: number;
  readonly why: string;
  /** What was measured, where it is one finite number. */
  readonly value?: number;
};
export type ProbeResult = {
  readonly healthy: boolean;
  readonly summary: string;
  readonly checks: readonly ProbeCheck[];
  /** How it was just before the change, where that can still be read. */
  readonly baseline?: ProbeCheck;
  /** There is no verdict yet: `healthy` is false, and it is worth looking then. */
  readonly again?: Date;
};

/** When a probe is asked. */
export type ProbeMoment = {
  /** The end of the last change: what was measured before it is no proof. */
  readonly since: Date;
  /** The step's deadline; by then there is a verdict. */
  readonly until: Date;
  /** When the first change began: what was measured just before it is told beside the verdict. */
  readonly before?: Date;
};

/**
 * A health check: one look, which may find that it is too early for a verdict. It reads only, so it may be repeated. Throws
 * AppError for what no repetition can mend.
 */
export interface Probe {
  check(probe: ProbeSpec, moment: ProbeMoment): Promise<ProbeResult>;
}
