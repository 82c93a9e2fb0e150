import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import { type Answer, type Call, parseJson, readAnswer, retry, type Sleep } from './http.ts';
import type { Mask } from './mask.ts';
import { refusal } from './refusal.ts';
import type { ProjectMemory } from './rundeck-execution.ts';

type Query = Readonly<Record<string, string>>;

/** The HTTP side of one Rundeck, with the mask for whatever it says. */
export type RundeckApi = {
  readonly name: string;
  readonly mask: Mask;
  readonly projects: ProjectMemory;
  /** Reads, again when that may help. `subject` is what it is about, for people. Throws on any status but 200. */
  get<T>(path: string, subject: string, schema: z.ZodType<T>, query?: Query): Promise<T>;
  /** Reads, again when that may help. Answers with any status that another attempt would not change. */
  read(path: string, subject: string): Promise<Answer>;
  /** One request, no repeat; any status is answered. */
  post(path: string, body?: unknown): Promise<Answer>;
};
export type Wire = {
  readonly name: string;
  readonly call: Call;
  readonly attempts: number;
  readonly sleep: Sleep;
  readonly apiVersion: number;
  readonly projects: ProjectMemory;
};

/** Only paths built from ids are asked for, below `/api/<version>`; what an answer says about addresses is never followed. */
export function rundeckApi(wire: Wire, mask: Mask): RundeckApi {
  const { name, call, attempts, sleep, apiVersion, projects } = wire;
  const patiently = <T>(attempt: () => Promise<T>) => retry(attempt, { attempts, sleep });
  const below = (path: string) => `/api/${apiVersion}${path}`;
  return {
    name,
    mask,
    projects,
    get: (path, subject, schema, query) =>
      patiently(async () => {
        const answer = await call({ method: 'GET', path: below(path), ...(query && { query }) });
        if (answer.status !== 200) throw rundeckRefusal(name, answer, { posted: false, subject }, mask);
        return readAnswer(name, answer, schema, false);
      }),
    read: (path, subject) =>
      patiently(async () => {
        const answer = await call({ method: 'GET', path: below(path) });
        if (mayChange(answer)) throw rundeckRefusal(name, answer, { posted: false, subject }, mask);
        return answer;
      }),
    post: (path, body) => call({ method: 'POST', path: below(path), body: body ?? {} }),
  };
}

/** It is too busy or broken for now. */
const mayChange = ({ status }: Answer) => status === 408 || status === 429 || status >= 500;

/** Rundeck's own errors: `{"error":true,"errorCode":"api.error.…","message":"…","apiversion":59}`. */
const Said = z.object({ error: z.unknown(), errorCode: z.string(), message: z.string().default('') });

/** The code of an error that Rundeck itself reports, not something in front of it. */
export const errorCodeOf = (answer: Answer): string | undefined =>
  Said.safeParse(parseJson(answer.text)).data?.errorCode;

/** Rundeck itself says that there is no such thing. */
export const isMissing = (answer: Answer): boolean =>
  answer.status === 404 && errorCodeOf(answer) === 'api.error.item.doesnotexist';

type Known = { readonly fix: string; readonly retryable: boolean };

/**
 * What Rundeck's own codes mean for us. Each of them is an answer before anything ran: a run that fails to start is
 * deleted again (ScheduledExecutionController.apiJobRun, ExecutionService.retryExecuteJob), even when it comes with 500.
 */
const known: Readonly<Record<string, (name: string) => Known>> = {
  unauthorized: (name) => ({
    fix: `Give Handrail a new API token for ${name}: this one has expired, was revoked or is wrong.`,
    retryable: false,
  }),
  'api.error.item.unauthorized': (name) => ({
    fix: `Allow the roles of the token of ${name} to read, view, run and kill this job (access control policy).`,
    retryable: false,
  }),
  'api.error.api-version.unsupported': (name) => ({
    fix: `Upgrade the Rundeck behind ${name}, or set the API version of the target to one it knows.`,
    retryable: false,
  }),
  'api.error.execution.conflict': (name) => ({
    fix: `Wait until the job's other execution on ${name} is over, or allow multiple executions of the job.`,
    retryable: true,
  }),
  'api.error.job.options-invalid': () => ({
    fix: "Correct the values in the runbook, or what the job's options allow.",
    retryable: false,
  }),
  'api.error.job.disabled': (name) => ({
    fix: `Enable executions of the job and of its project on ${name}, and end its passive mode.`,
    retryable: false,
  }),
  'api.error.execution.failed': (name) => ({
    fix: `Look at the job and the log of ${name}: it did not start the job, executions may be disabled.`,
    retryable: false,
  }),
  'api.error.execution.error': (name) => ({
    fix: `Look at the job and the log of ${name}: it did not start the job, executions may be disabled.`,
    retryable: false,
  }),
};

/** An answer that is not the one hoped for, with what Rundeck says about it. */
export function rundeckRefusal(
  name: string,
  answer: Answer,
  asked: { readonly posted: boolean; readonly subject: string },
  mask: Mask,
): AppError {
  const said = Said.safeParse(parseJson(answer.text)).data;
  const text = JSON.stringify({ title: said?.message ?? '' });
  const error = refusal(name, { ...answer, text }, asked, mask);
  const code = said?.errorCode ?? '';
  const meaning = Object.hasOwn(known, code) ? known[code]?.(name) : undefined;
  if (meaning === undefined) return error;
  return new AppError({ code: 'target-refused', message: error.message, ...meaning });
}
