import type { Answer, Ask } from '../ops-api/loopback.ts';
import { detail, type Row } from './rows.ts';

const formats: Readonly<Record<string, string>> = {
  txt: 'text/plain',
  txt_download: 'text/plain',
  ansi: 'text/plain',
  ansi_download: 'text/plain',
  json: 'application/json',
};

/** The Accept header has to fit the format, as Django REST framework negotiates. */
function acceptable(accept: string, type: string): boolean {
  return accept
    .split(',')
    .some((one) => ['*/*', type, `${type.split('/')[0]}/*`].includes(one.split(';')[0]?.trim() ?? ''));
}

/**
 * `…/stdout/`. Over the limit every format but the downloads answers 200 with a sentence instead, ranges of lines too
 * (UnifiedJobStdout in awx/api/views, result_stdout_raw_handle in awx/main/models/unified_jobs.py).
 */
export function stdout(lines: readonly string[], ask: Ask, limitBytes: number, name: string): Answer {
  const format = ask.query.get('format') ?? 'json';
  const type = formats[format];
  if (type === undefined) return detail(404, 'Not found.');
  if (!acceptable(ask.headers.accept ?? '*/*', type))
    return detail(406, 'Could not satisfy the request Accept header.');
  const text = lines.map((line) => `${line}\n`).join('');
  const size = Buffer.byteLength(text);
  const headers = { 'content-type': `${type}; charset=utf-8` };
  if (format.endsWith('_download'))
    return {
      status: 200,
      headers: { ...headers, 'content-disposition': `attachment; filename="${name}.txt"` },
      text,
    };
  const sorry = `Standard Output too large to display (${size} bytes), only download supported for sizes over ${limitBytes} bytes.`;
  if (format === 'json') return ranged(lines, ask, size > limitBytes ? sorry : undefined);
  return { status: 200, headers, text: size > limitBytes ? sorry : text };
}

function ranged(lines: readonly string[], ask: Ask, sorry: string | undefined): Answer {
  if (sorry !== undefined)
    return { status: 200, json: { range: { start: 0, end: 1, absolute_end: 1 }, content: sorry } };
  const start = Number(ask.query.get('start_line') ?? 0);
  const end = Math.min(lines.length, Number(ask.query.get('end_line') ?? lines.length));
  const content = lines
    .slice(start, end)
    .map((line) => `${line}\n`)
    .join('');
  return {
    status: 200,
    json: {
      range: { start: start < 0 ? lines.length + start : start, end, absolute_end: lines.length },
      content,
    },
  };
}

const shortest = 1_024;

/** One event a line, in the order of `counter`. Output is cut at 1,024 characters unless `no_truncate` is asked for. */
export function eventRows(lines: readonly string[], jobId: number, ask: Ask): Row[] {
  const whole = ask.query.has('no_truncate');
  return lines.map((line, n) => ({
    id: jobId * 1_000_000 + n,
    type: 'job_event',
    job: jobId,
    event: line.startsWith('PLAY RECAP') ? 'playbook_on_stats' : 'verbose',
    counter: n + 1,
    event_data: {},
    failed: false,
    changed: false,
    start_line: n,
    end_line: n + 1,
    stdout: whole || line.length <= shortest ? line : `${line.slice(0, shortest)}…`,
  }));
}
