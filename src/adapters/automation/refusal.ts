import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import { type Answer, parseJson } from './http.ts';
import type { Mask } from './mask.ts';

type Asked = {
  /** The request wanted something to happen. */
  readonly posted: boolean;
  /** What it was about, for people: "job iis-recycle-pool". */
  readonly subject: string;
};
type Verdict = {
  readonly code: 'target-refused' | 'target-unreachable';
  /** The request may have been carried out all the same. */
  readonly open: boolean;
  readonly retryable: boolean;
  readonly fix: string;
};

const Problem = z.object({ title: z.string().default(''), detail: z.string().default('') });

/** RFC 9457: it is the target itself that speaks, not something in front of it. */
export const isProblem = (answer: Answer): boolean => answer.type.startsWith('application/problem+json');

/** One line of at most 300 characters, for cards and notes. Mask first. */
export function oneLine(text: string): string {
  const line = text.replace(/[\p{Cc}\s]+/gu, ' ').trim();
  return line.length <= 300 ? line : `${line.slice(0, 299)}…`;
}

/** Turns an answer that is not the one hoped for into an AppError. */
export function refusal(name: string, answer: Answer, { posted, subject }: Asked, mask: Mask): AppError {
  const { code, open, retryable, fix } = verdict(name, answer.status, subject);
  const said = Problem.safeParse(parseJson(answer.text)).data;
  const words = said === undefined ? '' : `: ${oneLine(mask(`${said.title} ${said.detail}`))}`;
  return new AppError({
    code,
    message: `${name} answered ${answer.status} for ${subject}${words}`,
    fix,
    retryable,
    maybeApplied: posted && open,
    ...(answer.retryAfterMs === undefined ? {} : { retryAfterMs: answer.retryAfterMs }),
  });
}

function verdict(name: string, status: number, subject: string): Verdict {
  const refused = { code: 'target-refused', open: false, retryable: false } as const;
  const silent = { code: 'target-unreachable', open: true, retryable: true } as const;
  switch (status) {
    case 401:
    case 403:
      return { ...refused, fix: `Check the token of ${name} and what it may do; ${subject} was refused.` };
    case 404:
      return { ...refused, fix: `Check that ${name} has ${subject}, and the base URL of ${name}.` };
    case 408:
      return { ...silent, fix: `Try again when ${name} is less busy.` };
    case 409:
      return {
        ...refused,
        open: true,
        retryable: true,
        fix: `${name} is still busy with this request; look up its result, do not ask anew.`,
      };
    case 422:
      // Another body came with our key earlier, e.g. before a secret was rotated: that run exists.
      return {
        ...refused,
        open: true,
        fix: `${name} has seen this execution with other parameters; look up that run before anything else.`,
      };
    case 429:
      return { ...refused, retryable: true, fix: `${name} limits requests; try again later.` };
    default:
      if (status >= 500)
        return { ...silent, fix: `Check the health and the log of ${name}, then try again.` };
      if (status >= 400)
        return { ...refused, fix: `Compare the runbook's job and parameters with what ${name} accepts.` };
      return {
        ...refused,
        open: true,
        fix: `Check the base URL of ${name}: it redirects or answers in an unknown way.`,
      };
  }
}
