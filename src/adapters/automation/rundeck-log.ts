import { stripVTControlCharacters } from 'node:util';
import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import { glanceLines, lastLines } from './glance.ts';
import { logEnds, tailBytes, wholeBytes, wholeLog } from './log-ends.ts';
import type { RundeckApi } from './rundeck-api.ts';
import { type Execution, executionChain } from './rundeck-execution.ts';

type Log = { readonly text: string; readonly truncated: boolean };

const mostPages = 200;
const linesAPage = 1_000;

/** The output of an execution and of those that repeat it. Of much output the beginning and the end. */
export async function executionLog(api: RundeckApi, id: number): Promise<Log> {
  const chain = await executionChain(api, id);
  if (chain.length <= 1) return oneLog(api, id);
  const parts: string[] = [];
  let truncated = false;
  for (const [n, execution] of chain.entries()) {
    const log = await oneLog(api, execution.id);
    truncated ||= log.truncated;
    parts.push(`${heading(n + 1, execution)}\n${log.text}`);
  }
  const all = await wholeLog(parts.join(''), api.mask);
  return { text: all.text, truncated: truncated || all.truncated };
}

const heading = (attempt: number, { id, status }: Execution) =>
  `===== attempt ${attempt}, execution ${id}: ${status}`;

const isTrue = (flag: boolean | string | null | undefined): boolean => flag === true || flag === 'true';
const Flag = z.union([z.boolean(), z.string()]).nullish().transform(isTrue);

/** A part of the output. Offsets are places in Rundeck's own file and say nothing about the size of the text. */
const Output = z.object({
  offset: z.union([z.number().int(), z.string().regex(/^\d{1,15}$/)]).nullish(),
  completed: Flag,
  message: z.string().nullish(),
  entries: z
    .array(z.object({ log: z.string().default(''), node: z.string().nullish() }))
    .nullish()
    .transform((entries) => entries ?? []),
});
type Output = z.infer<typeof Output>;

/** Reads from the start. When there is more than fits, the last lines are asked for, and what is between is left out. */
async function oneLog(api: RundeckApi, id: number): Promise<Log> {
  const head = await readHead(api, id);
  if (head.complete) return { text: api.mask(head.text), truncated: false };
  const perLine = Math.max(1, Buffer.byteLength(head.text) / Math.max(1, head.lines));
  const tail = await lastOutput(api, id, Math.ceil((tailBytes + api.mask.longest) / perLine));
  return logEnds(head.text, tail, api.mask);
}

async function readHead(api: RundeckApi, id: number) {
  const lines = writer();
  let offset = '0';
  for (let n = 0; n < mostPages; n += 1) {
    const page = await outputPage(api, id, { offset }, linesAPage);
    lines.add(page);
    const next = String(page.offset ?? offset);
    // an execution that still writes is at its end when there is nothing new
    if (page.completed || next === offset) return { ...lines.read(), complete: true };
    if (lines.size() > wholeBytes) return { ...lines.read(), complete: false };
    offset = next;
  }
  return { ...lines.read(), complete: false };
}

/** The last lines an execution has written so far. */
export async function executionTail(api: RundeckApi, id: number): Promise<string> {
  const page = await outputPage(api, id, {}, glanceLines, 'lastlines');
  const lines = writer();
  lines.add({ ...page, message: null });
  return lastLines(lines.read().text, page.entries.length < glanceLines, api.mask);
}

async function lastOutput(api: RundeckApi, id: number, count: number): Promise<string> {
  const lines = writer();
  lines.add(await outputPage(api, id, {}, Math.min(count, 10_000), 'lastlines'));
  return lines.read().text;
}

/** A part of the output; a smaller one when the answer is larger than we take. */
async function outputPage(
  api: RundeckApi,
  id: number,
  query: Readonly<Record<string, string>>,
  lines: number,
  limit: 'maxlines' | 'lastlines' = 'maxlines',
): Promise<Output> {
  const ask = (count: number) =>
    api.get(`/execution/${id}/output`, `the output of execution ${id}`, Output, {
      ...query,
      [limit]: String(count),
    });
  try {
    return await ask(lines);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'target-unreachable') throw error;
    return ask(Math.min(lines, 20));
  }
}

/** Collects lines; says from which node they are when that changes. */
function writer() {
  const parts: string[] = [];
  let bytes = 0;
  let count = 0;
  let node: string | undefined;
  const write = (line: string) => {
    parts.push(`${line}\n`);
    bytes += Buffer.byteLength(line) + 1;
    count += 1;
  };
  return {
    add({ entries, message }: Output): void {
      for (const entry of entries) {
        const from = entry.node ?? undefined;
        if (from !== undefined && node !== undefined && from !== node) write(`--- node ${from}`);
        node = from ?? node;
        write(stripVTControlCharacters(entry.log.replaceAll('\r\n', '\n')));
      }
      if (entries.length === 0 && message) write(`[Rundeck says: ${message}]`);
    },
    size: () => bytes,
    read: () => ({ text: parts.join(''), lines: count }),
  };
}
