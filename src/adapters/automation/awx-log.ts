import { stripVTControlCharacters } from 'node:util';
import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import { type AwxApi, awxRefusal } from './awx-api.ts';
import { type JobId, resources } from './awx-job-name.ts';
import { nodesOf } from './awx-status.ts';
import { wholeLog } from './log-ends.ts';

type Log = { readonly text: string; readonly truncated: boolean };

const headBytes = 250_000;
const tailBytes = 750_000;
const mostNodes = 20;

/** A job's output, or that of a workflow's nodes one after the other. Of much output the beginning and the end. */
export async function jobLog(api: AwxApi, { kind, id }: JobId): Promise<Log> {
  return kind === 'job' ? playbookLog(api, id) : workflowLog(api, id);
}

async function playbookLog(api: AwxApi, id: number): Promise<Log> {
  const whole = await output(api, id);
  return whole === undefined ? fromEvents(api, id) : wholeLog(whole, api.mask);
}

async function workflowLog(api: AwxApi, id: number): Promise<Log> {
  const nodes = await nodesOf(api, id);
  const parts: string[] = [];
  let truncated = nodes.length > mostNodes;
  for (const { identifier, job, summary_fields } of nodes.slice(0, mostNodes)) {
    const { name, status, type } = summary_fields.job ?? { name: '', status: 'did not run', type: '' };
    parts.push(`===== node ${identifier}${name === '' ? '' : `, ${name}`}: ${status}\n`);
    if (type !== resources.job.type || job === null || job === undefined) continue;
    const log = await playbookLog(api, job);
    truncated ||= log.truncated;
    parts.push(log.text);
  }
  const all = await wholeLog(parts.join(''), api.mask);
  return { text: all.text, truncated: truncated || all.truncated };
}

const tooLarge = /^Standard Output too large to display \(\d+ bytes\)/;

/**
 * The output as text; undefined when there is too much of it for one answer. AWX then says so in a sentence with status
 * 200, for ranges of lines as well, and a download has no bounds: the events are read instead.
 */
async function output(api: AwxApi, id: number): Promise<string | undefined> {
  const subject = `the output of job ${id}`;
  try {
    const answer = await api.read(`/jobs/${id}/stdout/`, subject, {
      query: { format: 'txt' },
      accept: 'text/plain, */*',
    });
    if (answer.status !== 200) throw awxRefusal(api.name, answer, { posted: false, subject }, api.mask);
    if (!answer.type.startsWith('text/plain'))
      throw new AppError({
        code: 'target-refused',
        message: `${api.name} answered with ${answer.type || 'no type'} where ${subject} should be`,
        fix: `Check the base URL of ${api.name}: something else answers there, such as a proxy or a login page.`,
      });
    return tooLarge.test(answer.text) ? undefined : answer.text;
  } catch (error) {
    // an answer larger than we take looks like none
    if (error instanceof AppError && error.code === 'target-unreachable') return undefined;
    throw error;
  }
}

export const Events = z.object({
  results: z.array(z.object({ counter: z.number().int().nonnegative(), stdout: z.string().default('') })),
});

/** The beginning and the end of much output, from the events: each holds a few lines, in the order of its counter. */
async function fromEvents(api: AwxApi, id: number): Promise<Log> {
  const head = await readEvents(api, id, { descending: false, bytes: headBytes, after: 0 });
  const tail = await readEvents(api, id, {
    descending: true,
    bytes: tailBytes + api.mask.longest,
    after: head.last,
  });
  const text = (lines: readonly string[]) => api.mask(lines.map((line) => `${line}\n`).join(''));
  const whole = tail.complete || tail.last === head.last + 1;
  const gap = whole ? '' : '[... the middle is left out ...]\n';
  return { text: `${text(head.lines)}${gap}${text([...tail.lines].reverse())}`, truncated: !whole };
}

type Part = {
  readonly descending: boolean;
  readonly bytes: number;
  /** Counters above this one. */
  readonly after: number;
};
const mostReads = 100;

/** Reads events until there are `bytes` of output or no more events; `complete` in the second case. */
async function readEvents(api: AwxApi, id: number, part: Part) {
  const lines: string[] = [];
  let size = 0;
  let edge: number | undefined;
  for (let n = 0; n < mostReads && size < part.bytes; n += 1) {
    const { results } = await eventsPage(api, id, nextEvents(part, edge));
    const fresh = results
      .filter(({ stdout }) => stdout !== '')
      .map(({ stdout }) => stripVTControlCharacters(stdout.replaceAll('\r\n', '\n')));
    lines.push(...fresh);
    size += fresh.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
    edge = results.at(-1)?.counter ?? edge;
    if (results.length === 0) return { lines, last: edge ?? part.after, complete: true };
  }
  return { lines, last: edge ?? part.after, complete: false };
}

/** The events after the last one read, in the direction of the part. */
function nextEvents({ descending, after }: Part, edge: number | undefined): Record<string, string> {
  if (!descending) return { order_by: 'counter', counter__gt: String(edge ?? after) };
  const below = edge === undefined ? {} : { counter__lt: String(edge) };
  return { order_by: '-counter', counter__gt: String(after), ...below };
}

/** A page of events with their whole output; a smaller one when the page is larger than we take. */
async function eventsPage(api: AwxApi, id: number, query: Record<string, string>) {
  const ask = (limit: number) =>
    api.get(`/jobs/${id}/job_events/`, `the events of job ${id}`, Events, {
      ...query,
      no_truncate: '1',
      limit: String(limit),
    });
  try {
    return await ask(200);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'target-unreachable') throw error;
    return ask(5);
  }
}
