import { AppError } from '../../domain/errors.ts';
import { type Asked, ask } from './ask.ts';
import { answerIn, type Series } from './prometheus-answer.ts';

export type PrometheusServer = { readonly baseUrl: string; readonly token?: string | undefined };

export type Range = {
  readonly status: number;
  readonly ms: number;
} & (
  | {
      readonly ok: true;
      readonly series: readonly Series[];
      /** Warnings and infos: the result may be incomplete, or mean something else than it seems. */
      readonly notes: readonly string[];
    }
  | { readonly ok: false; readonly why: string; readonly waitMs: number }
);

const shownCharacters = 300;

/**
 * The values of a query at equally spaced times (epoch milliseconds): at each the same that /api/v1/query would give for
 * it. By POST, so that no query is too long for an address. A query Prometheus cannot read throws `runbook-invalid`, a
 * Prometheus that lets us not in or is not there throws `probe-refused`; what may pass is a value.
 */
export async function askRange(
  server: PrometheusServer,
  query: string,
  times: readonly number[],
  withinMs: number,
): Promise<Range> {
  const [start = 0, second = start + 1_000] = times;
  const form = new URLSearchParams({
    query,
    start: seconds(start),
    end: seconds(times.at(-1) ?? start),
    step: seconds(second - start),
    timeout: `${withinMs}ms`,
  });
  const url = new URL(`${server.baseUrl.replace(/\/+$/, '')}/api/v1/query_range`);
  const asked = await ask({ url, form, token: server.token, withinMs });
  const { status, ms } = asked;
  if (!asked.ok) return { ok: false, status, ms, why: asked.why, waitMs: 0 };
  const { body, retryAfterMs: waitMs } = asked;
  const answer = answerIn(body);
  if (answer?.status === 'success') {
    const notes = [...answer.warnings, ...answer.infos].map((note) => note.slice(0, shownCharacters));
    return { ok: true, status, ms, series: answer.data.result, notes };
  }
  if (answer?.errorType === 'bad_data') throw unreadable(query, answer.error);
  refuseFor(asked, url);
  const said =
    answer === undefined ? 'this is no answer of Prometheus' : `${answer.errorType}: ${answer.error}`;
  return { ok: false, status, ms, why: `status ${status}, ${said.slice(0, shownCharacters)}`, waitMs };
}

const seconds = (ms: number): string => (ms / 1_000).toFixed(3);

function unreadable(query: string, error: string): AppError {
  return new AppError({
    code: 'runbook-invalid',
    message: `Prometheus cannot read the query ${query}: ${error.slice(0, shownCharacters)}`,
    fix: 'Correct the query of the verification step in the runbook at the place named (line:column).',
  });
}

/** What will be the same the next time, because of how it is set up. */
function refuseFor({ status }: Asked, { origin, pathname }: URL): void {
  const where = `${origin}${pathname}`;
  if (status === 401 || status === 403)
    throw refused(
      `${where} does not let Handrail in (status ${status})`,
      'Have an operator set PROMETHEUS_TOKEN to a token that may query.',
    );
  if (status === 404 || (status >= 300 && status < 400))
    throw refused(
      `${where} is not the API of a Prometheus (status ${status})`,
      'Have an operator correct PROMETHEUS_URL; redirects are not followed.',
    );
}

const refused = (message: string, fix: string) => new AppError({ code: 'probe-refused', message, fix });
