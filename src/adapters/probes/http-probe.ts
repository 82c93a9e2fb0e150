import { promises as timers } from 'node:timers';
import { RE2JS } from 're2js';
import { AppError, messageOf } from '../../domain/errors.ts';
import type { HttpProbe } from '../../domain/probe.ts';
import type { Clock, ProbeCheck, ProbeResult } from '../../ports.ts';
import { allowedAddress } from './address.ts';
import { type Fetched, fetchOnce } from './fetch-once.ts';

export type HttpProbeSettings = {
  /** Hosts that may be called: `host` or `host:port`, exact. */
  readonly allow: readonly string[];
  readonly clock?: Clock;
  readonly sleep?: (ms: number) => Promise<unknown>;
};

export type HttpChecks = { check(probe: HttpProbe): Promise<ProbeResult> };

/**
 * A synthetic HTTP check: `successes` of `attempts` GETs have to pass, `every` apart, each `within` its time, with an
 * expected status and body. It ends as soon as the result is certain. A failed check is a value; what the operator does
 * not allow throws `probe-refused`, what cannot work throws `runbook-invalid`, both before anything is sent.
 */
export function httpProbe(settings: HttpProbeSettings): HttpChecks {
  const { allow, clock = { now: () => new Date() }, sleep = timers.setTimeout } = settings;
  return {
    async check(probe) {
      const url = allowedAddress(probe.url, allow);
      const fits = expectation(probe);
      const checks: ProbeCheck[] = [];
      let certain: boolean | undefined;
      while (certain === undefined) {
        if (checks.length > 0) await sleep(probe.every);
        const at = clock.now();
        const started = performance.now();
        const why = fits(await fetchOnce(url, probe.within, probe.body !== undefined));
        checks.push({ at: at.toISOString(), ms: Math.round(performance.now() - started), ...why });
        certain = verdict(probe, checks);
      }
      return { healthy: certain, summary: summaryOf(url, probe, checks), checks };
    },
  };
}

/** Whether the service is healthy; undefined while further checks could still change that. */
function verdict(probe: HttpProbe, checks: readonly ProbeCheck[]): boolean | undefined {
  const passed = checks.filter((check) => check.ok).length;
  if (passed >= probe.successes) return true;
  return passed + probe.attempts - checks.length < probe.successes ? false : undefined;
}

function expectation(probe: HttpProbe): (fetched: Fetched) => Pick<ProbeCheck, 'ok' | 'status' | 'why'> {
  if (probe.successes > probe.attempts)
    throw invalid(
      `${probe.successes} of ${probe.attempts} checks cannot pass`,
      'Set attempts to at least successes',
    );
  const pattern = probe.body === undefined ? undefined : compile(probe.body);
  return (fetched) => {
    const { status } = fetched;
    if (!fetched.ok) return { ok: false, status, why: fetched.why };
    if (!probe.status.includes(status))
      return { ok: false, status, why: `status ${status} instead of ${probe.status.join(' or ')}` };
    if (pattern !== undefined && !pattern.matcher(fetched.body).find())
      return { ok: false, status, why: `the body does not match ${probe.body}` };
    return { ok: true, status, why: 'as expected' };
  };
}

function compile(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    throw invalid(`the body pattern is not RE2 syntax: ${messageOf(error)}`, 'Correct the body pattern');
  }
}

const invalid = (message: string, fix: string) =>
  new AppError({ code: 'runbook-invalid', message, fix: `${fix} of the verification step in the runbook.` });

function summaryOf(url: URL, probe: HttpProbe, checks: readonly ProbeCheck[]): string {
  const passed = checks.filter((check) => check.ok).length;
  const where = `${url.origin}${url.pathname}`;
  const last = checks.findLast((check) => !check.ok);
  const counts = `${passed} of ${checks.length} checks of ${where} passed, ${probe.successes} needed`;
  return last === undefined ? counts : `${counts}; last failure: ${last.why}`;
}
