import { stripVTControlCharacters } from 'node:util';
import { AppError } from '../../domain/errors.ts';
import { type AzureApi, azureRefusal } from './azure-automation-api.ts';
import { jobPath, type Stream, streams } from './azure-automation-job.ts';
import { retry } from './http.ts';
import { logEnds, tailBytes, wholeBytes, wholeLog } from './log-ends.ts';

type Log = { readonly text: string; readonly truncated: boolean };

/** The output of a job, then its warnings and errors. Of much output the beginning and the end. */
export async function jobLog(api: AzureApi, jobName: string): Promise<Log> {
  const output = await jobOutput(api, jobName);
  const told = [await streams(api, jobName, 'Warning'), await streams(api, jobName, 'Error')];
  const lines = told.flatMap(({ rows }) => rows.map(line));
  const rest = lines.length === 0 ? '' : `===== warnings and errors\n${lines.join('\n')}\n`;
  const log = await wholeLog(rest, api.mask);
  const truncated = output.truncated || log.truncated || told.some(({ complete }) => !complete);
  return { text: `${output.text}${log.text}`, truncated };
}

const line = ({ properties: { streamType, time, summary } }: Stream): string =>
  `${time ?? ''} ${streamType ?? ''}: ${stripVTControlCharacters(summary ?? '')}`.trim();

/** A 2 GB log is not read to its end. */
const mostBytes = 67_108_864;

async function jobOutput(api: AzureApi, jobName: string): Promise<Log> {
  const subject = `the output of job ${jobName}`;
  return retry(async () => {
    const ends = collector(api.mask.longest);
    const answer = await api.send({
      method: 'GET',
      path: `${jobPath(api.name, jobName)}/output`,
      accept: 'text/plain, */*',
      onBody: ends.add,
    });
    if (answer.status !== 200) throw azureRefusal(api.name, answer, { posted: false, subject }, api.mask);
    if (answer.type.startsWith('text/html')) throw noOutput(api.name, subject);
    const { head, tail, bytes } = ends.read();
    const text = (part: Buffer) => stripVTControlCharacters(part.toString('utf8').replaceAll('\r\n', '\n'));
    if (tail === undefined) {
      const log = await wholeLog(withEnd(text(head)), api.mask);
      return answer.whole ? log : { text: `${log.text}${brokenOff(bytes)}`, truncated: true };
    }
    const log = logEnds(text(head), withEnd(text(tail)), api.mask);
    return answer.whole ? log : { ...log, text: `${log.text}${brokenOff(bytes)}` };
  }, api.patience);
}

const noOutput = (name: string, subject: string) =>
  new AppError({
    code: 'target-refused',
    message: `${name} answered with a page (text/html) where ${subject} should be`,
    fix: `Check the base URL of ${name}: something else answers there, such as a proxy or a login page.`,
  });

const withEnd = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`);
const brokenOff = (bytes: number) => `[... reading stopped after ${bytes} bytes ...]\n`;

/** Keeps the beginning and the end of what comes by, in memory of bounded size. */
function collector(longestSecret: number) {
  const kept = tailBytes + longestSecret + 1_024;
  const head: Buffer[] = [];
  let tail: Buffer[] = [];
  let inTail = 0;
  let bytes = 0;
  return {
    add: (piece: Buffer): boolean => {
      const room = Math.max(0, wholeBytes - bytes);
      if (room > 0) head.push(piece.subarray(0, room));
      bytes += piece.length;
      tail.push(piece);
      inTail += piece.length;
      if (inTail > 4 * kept) {
        tail = [Buffer.concat(tail).subarray(-kept)];
        inTail = kept;
      }
      return bytes < mostBytes;
    },
    /** `tail` is undefined when all is in `head`. */
    read: () => ({
      head: Buffer.concat(head),
      tail: bytes <= wholeBytes ? undefined : wholeLines(Buffer.concat(tail).subarray(-kept)),
      bytes,
    }),
  };
}

/** Without the line that was cut at the start, and whatever part of a secret is in it. */
const wholeLines = (part: Buffer): Buffer => part.subarray(part.indexOf('\n') + 1);
