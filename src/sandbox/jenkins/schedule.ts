import type { Answer, Ask, Handler } from '../ops-api/loopback.ts';
import { type JobDefinition, jobUrl, shownValues, takeValues } from './definitions.ts';
import { back, denied, errorText, page } from './pages.ts';
import type { BuildQueue } from './queue.ts';
import type { Runner } from './runner.ts';

export type Scheduling = {
  readonly queue: BuildQueue;
  readonly runner: Runner;
  readonly user: string;
  readonly isDisabled: (job: string) => boolean;
  /** The quiet period of a build that asks for no other. */
  readonly quietMs: number;
  /** Where a client is sent: the address of Jenkins as it was asked for, or as it takes itself to be. */
  readonly baseOf: (ask: Ask) => string;
};

/** What was given in the address and in a form, in this order. */
export function givenIn(ask: Ask): URLSearchParams {
  const given = new URLSearchParams(ask.query);
  if (ask.headers['content-type']?.startsWith('application/x-www-form-urlencoded'))
    for (const [name, value] of new URLSearchParams(ask.text)) given.append(name, value);
  return given;
}

/** `POST …/buildWithParameters` and, for a job without parameters, `POST …/build` (jenkins.model.ParameterizedJobMixIn). */
export function schedule(to: Scheduling, job: JobDefinition, withParameters: boolean): Handler {
  const { name, parameters = [] } = job;
  return async (ask) => {
    const no = refusal(to, job, withParameters);
    if (no !== undefined) return no;
    const given = givenIn(ask);
    const values = taken(job, given);
    if (values === undefined) return page(500, 'Oops!', 'A problem occurred while processing the request.');
    await ask.beforeCommit();
    if (job.vetoed) return back(`${to.baseOf(ask)}${jobUrl(name)}/.`);
    const due = Date.now() + (delayOf(given.get('delay')) ?? to.quietMs);
    const { item, created } = to.queue.schedule({
      job: name,
      values,
      parameters: shownValues(parameters, values),
      due,
    });
    queueMicrotask(to.runner.look);
    return queued(created ? 201 : 303, `${to.baseOf(ask)}/queue/item/${item.id}/`);
  };
}

function refusal(to: Scheduling, job: JobDefinition, withParameters: boolean): Answer | undefined {
  const { name, parameters = [] } = job;
  if (job.mayNotBuild) return denied(to.user, 'hudson.model.Item.Build', 'Job/Build');
  if (to.isDisabled(name)) return errorText(409, `${name} is not buildable!`);
  if (withParameters && parameters.length === 0) return errorText(400, `${name} is not parameterized`);
  if (!withParameters && parameters.length > 0)
    return page(400, 'Nothing is submitted', 'This page expects a form submission');
  return undefined;
}

const queued = (status: 201 | 303, location: string): Answer => ({ status, headers: { location } });

function taken({ parameters = [] }: JobDefinition, given: URLSearchParams) {
  try {
    return takeValues(parameters, given);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** `0sec`, `5sec` or `5` in milliseconds (jenkins.util.TimeDuration). */
function delayOf(text: string | null): number | undefined {
  const seconds = /^(\d{1,6})(?:secs?)?$/.exec(text ?? '')?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1_000;
}
