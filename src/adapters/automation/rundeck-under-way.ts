import { z } from 'zod';
import type { JobStatus } from '../../ports.ts';
import { oneLine } from './refusal.ts';
import type { RundeckApi } from './rundeck-api.ts';
import { Execution, executionNumber, isGoing, judge } from './rundeck-execution.ts';

const Page = z.object({ executions: z.array(Execution) });
const pageSize = 200;
const mostPages = 10;

/** The executions among these that are running, from the list of all that are (`*` stands for all projects). */
export async function executionsUnderWay(
  api: RundeckApi,
  externalIds: readonly string[],
): Promise<readonly JobStatus[]> {
  const wanted = new Set(externalIds.map((externalId) => executionNumber(api.name, externalId)));
  const found = new Map<number, JobStatus>();
  for (let page = 0; page < mostPages && found.size < wanted.size; page += 1) {
    const query = { max: String(pageSize), offset: String(page * pageSize) };
    const path = '/project/*/executions/running';
    const { executions } = await api.get(path, 'the running executions', Page, query);
    for (const one of executions.filter(({ id }) => wanted.has(id))) {
      api.projects.note(one);
      if (isGoing(one)) found.set(one.id, statusOf(api, one));
    }
    if (executions.length < pageSize) break;
  }
  return [...found.values()];
}

function statusOf(api: RundeckApi, execution: Execution): JobStatus {
  const { state, detail } = judge(api, execution);
  return { externalId: String(execution.id), state, detail: oneLine(api.mask(detail)) };
}
