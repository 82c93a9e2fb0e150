import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { RundeckApi } from './rundeck-api.ts';
import { carries, Execution } from './rundeck-execution.ts';

type Search = {
  readonly executionId: string;
  readonly option: string;
  /** Projects to look in; without it all that the token may see. */
  readonly projects: readonly string[] | undefined;
  /** Executions started before this time (ms since 1970) are not looked at. */
  readonly since: number;
};

const Project = z.object({ name: z.string().min(1) });
const Page = z.object({ executions: z.array(Execution) });
const pageSize = 200;
const mostPages = 50;

/**
 * The execution launched with an execution id of ours. New Rundecks filter by option value, old ones ignore that filter:
 * every row is compared here. The executions that Rundeck started to repeat a failed one carry the same options; the
 * first of them stands for all.
 */
export async function findExecution(api: RundeckApi, search: Search): Promise<Execution | undefined> {
  const { projects } = search;
  const names =
    projects ?? (await api.get('/projects', 'the projects', z.array(Project))).map(({ name }) => name);
  const found: Execution[] = [];
  for (const project of names) found.push(...(await findIn(api, project, search)));
  const repeats = new Set(found.map(({ retriedExecution }) => retriedExecution?.id));
  const firsts = found.filter(({ id }) => !repeats.has(id));
  if (firsts.length > 1) throw several(api.name, firsts);
  return firsts[0];
}

async function findIn(api: RundeckApi, project: string, search: Search): Promise<readonly Execution[]> {
  const { executionId, option, since } = search;
  const found = new Map<number, Execution>();
  for (let page = 0; page < mostPages; page += 1) {
    const path = `/project/${encodeURIComponent(project)}/executions`;
    const { executions } = await api.get(path, `the executions of project ${project}`, Page, {
      optionFilter: `-${option} ${executionId}`,
      max: String(pageSize),
      offset: String(page * pageSize),
    });
    for (const one of executions) if (carries(one, option, executionId)) found.set(one.id, one);
    // newest first
    const old = executions.every((one) => (one['date-started']?.unixtime ?? since) < since);
    if (executions.length < pageSize || old) return [...found.values()];
  }
  throw new AppError({
    code: 'target-refused',
    message: `${api.name} has too many recent executions to say whether one of them is ours`,
    fix: `Look for the execution id ${executionId} among the executions of ${project}, then say what happened.`,
  });
}

const several = (name: string, executions: readonly Execution[]) =>
  new AppError({
    code: 'target-refused',
    message: `${name} has ${executions.length} executions with one execution id: ${executions.map(({ id }) => id).join(', ')}`,
    fix: 'Somebody ran a copy by hand. Look at these executions in Rundeck, then say what happened.',
  });
