import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { Client } from './client.ts';
import { wrongRows } from './failures.ts';
import { asTime, isSysId, timeOf } from './schema.ts';
import type { Span } from './spans.ts';

/** The answer is asked for so many times, with growing pauses: about eight seconds. */
const polls = 5;

const Moment = z.object({ value: z.string() });
const Worker = z.object({
  result: z.object({
    worker: z.object({ sysId: z.string() }),
    request: z.string(),
    state: z.object({ value: z.coerce.string() }),
    messages: z.object({ errorMessages: z.array(z.string()).default([]) }).nullish(),
    payload: z.object({ spans: z.array(z.object({ start: Moment, end: Moment })).nullish() }).nullish(),
  }),
});
type Worker = z.infer<typeof Worker>['result'];

const what = 'GET schedule of the configuration item';

/**
 * The times ServiceNow offers for a change of an item, from a time on: back to back, each of the same length, at most as
 * many as the instance's choice_limit. They lie within the item's maintenance schedules (around the clock when it has
 * none) and leave out blackouts and changes that are planned already.
 * A worker of the instance finds them; it is asked until it is done (docs: change-management-api, GET change/ci/{id}/schedule;
 * its script ChangeConflictScheduleSNC). Needs the role sn_change_writer.
 */
export async function changeSlots(
  client: Client,
  ciSysId: string,
  from: Date,
  seconds: number,
): Promise<readonly Span[]> {
  const query = { duration_in_seconds: String(seconds), planned_start_time: asTime(from) };
  const path = `/api/sn_chg_rest/change/ci/${ciSysId}/schedule`;
  let worker = await ask(client, path, query, ciSysId);
  const { sysId } = worker.worker;
  for (let poll = 0; unfinished(worker) && poll < polls; poll += 1) {
    await client.pause(poll);
    // By its id: the link may lead to another host, which would be given our credentials.
    worker = await ask(client, `/api/sn_chg_rest/change/worker/${sysId}`, {}, ciSysId);
    if (worker.worker.sysId !== sysId) throw wrongRows(what);
  }
  if (unfinished(worker)) throw stillWorking();
  if (worker.state.value !== '3') throw failed(worker.messages?.errorMessages[0] ?? 'no explanation');
  return (worker.payload?.spans ?? []).map(({ start, end }) => spanOf(start.value, end.value));
}

/** 1 is waiting, 2 in progress, 3 complete, 4 error. */
const unfinished = ({ state }: Worker): boolean => state.value === '1' || state.value === '2';

async function ask(client: Client, path: string, query: Readonly<Record<string, string>>, ciSysId: string) {
  const page = await client.get(what, path, query, []).catch((error: unknown) => {
    throw error instanceof AppError && error.code === 'itsm-refused' ? failed(error.message) : error;
  });
  const worker = client.parse(what, Worker, page?.body).result;
  // The id becomes part of a path, and what was asked has to be about the item.
  if (!isSysId(worker.worker.sysId) || !worker.request.includes(ciSysId)) throw wrongRows(what);
  return worker;
}

function spanOf(start: string, end: string): Span {
  const [first, last] = [timeOf(start), timeOf(end)];
  if (first === undefined || last === undefined) throw failed('a time without a date');
  return { start: first.getTime(), end: last.getTime() };
}

const failed = (why: string): AppError =>
  new AppError({
    code: 'itsm-refused',
    message: `${what}: ${why.startsWith(what) ? why.slice(what.length + 2) : why.slice(0, 300)}`,
    fix: 'Give the integration user the role sn_change_writer and check that Change Management answers, or set servicenowSchedules to false in the policy.',
  });

const stillWorking = (): AppError =>
  new AppError({
    code: 'itsm-unreachable',
    message: `${what}: ServiceNow has not worked it out in time`,
    fix: 'Try again in a minute; if it stays so, check the scheduled jobs of the instance.',
    retryable: true,
  });
