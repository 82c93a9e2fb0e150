import { RE2JS } from 're2js';
import { z } from 'zod';
import { spell } from './duration.ts';
import { messageOf } from './errors.ts';
import {
  AZURE_LATE_MS,
  type AzureMonitorProbe,
  type DeviceComplianceProbe,
  type HttpProbe,
  type PrometheusProbe,
} from './probe.ts';
import { placementFaults } from './promql-fill.ts';
import { reachOf } from './promql-reach.ts';
import { promqlTokens } from './promql-tokens.ts';
import type { VerificationStep } from './runbook.ts';

type Finding = { readonly path: (string | number)[]; readonly message: string };

/** An HTTP probe runs inside one call of the engine, which takes a longer one for hung. */
const HTTP_MS = 90_000;
/** So much evidence is kept of one check, and no more. */
const MAX_SAMPLES = 500;

/** The texts of a step's probe that may name parameters, and where they stand. */
export function probeTexts(step: VerificationStep): [string[], string][] {
  const { http, prometheus, azureMonitor, deviceCompliance } = step;
  return [
    ...(http ? [[['http', 'url'], http.url] as [string[], string]] : []),
    ...(prometheus ? [[['prometheus', 'query'], prometheus.query] as [string[], string]] : []),
    ...(azureMonitor ? [[['azureMonitor', 'resource'], azureMonitor.resource] as [string[], string]] : []),
    ...(deviceCompliance
      ? [[['deviceCompliance', 'device'], deviceCompliance.device] as [string[], string]]
      : []),
  ];
}

/** What cannot work in a step's probe, and would be seen only after the change was made. */
export function probeFaults(step: VerificationStep): Finding[] {
  const { http, prometheus, azureMonitor, deviceCompliance, timeout } = step;
  return [
    ...(http ? httpFaults(http, timeout) : []),
    ...(prometheus ? prometheusFaults(prometheus, timeout) : []),
    ...(azureMonitor ? azureFaults(azureMonitor, timeout) : []),
    ...(deviceCompliance ? deviceFaults(deviceCompliance, timeout) : []),
  ];
}

function httpFaults({ successes, attempts, body, every, within }: HttpProbe, timeout: number): Finding[] {
  const tooLong = attempts * (every + within) > Math.min(timeout, HTTP_MS);
  return [
    ...(successes > attempts
      ? [{ path: ['http', 'successes'], message: 'more successes than attempts can never be reached' }]
      : []),
    ...(tooLong
      ? [
          {
            path: ['http'],
            message: "all attempts together may take 90s, and no more than the step's timeout",
          },
        ]
      : []),
    ...patternFaults(['http', 'body'], body),
  ];
}

function prometheusFaults(probe: PrometheusProbe, timeout: number): Finding[] {
  const at = (field: string, message: string): Finding => ({ path: ['prometheus', field], message });
  const read = promqlTokens(probe.query);
  if (!read.ok) return [at('query', `no PromQL, at character ${read.at}: ${read.why}`)];
  const { selectors, reachMs } = reachOf(probe.query);
  const needs = probe.for + 2 * probe.every + (probe.newerThanAction ? reachMs : 0);
  return [
    ...placementFaults(probe.query).map((message) => at('query', message)),
    ...(probe.newerThanAction && selectors.length === 0
      ? [at('query', 'reads no metric of now, so nothing in it can be newer than the action')]
      : []),
    ...(probe.for / probe.every > MAX_SAMPLES
      ? [at('every', `gives more than ${MAX_SAMPLES} samples in ${spell(probe.for)}; make it longer`)]
      : []),
    ...tooLate(at, needs, timeout),
  ];
}

function azureFaults(probe: AzureMonitorProbe, timeout: number): Finding[] {
  const at = (field: string, message: string): Finding => ({ path: ['azureMonitor', field], message });
  const { resource } = probe;
  const shape = /^(?:\{\w+\}|\/subscriptions\/[^/]+\/(?:[^/]+\/)+[^/]+)$/i.test(resource);
  return [
    ...(shape
      ? []
      : [at('resource', 'expected /subscriptions/<id>/resourceGroups/<name>/providers/<type>/<name>')]),
    ...tooLate(at, Math.max(probe.for, probe.interval) + probe.interval + AZURE_LATE_MS, timeout),
  ];
}

function deviceFaults({ device, every }: DeviceComplianceProbe, timeout: number): Finding[] {
  const at = (field: string, message: string): Finding => ({ path: ['deviceCompliance', field], message });
  return [
    ...(/^\{\w+\}$/.test(device) || isGuid(device)
      ? []
      : [at('device', 'expected the id of a managed device, or one parameter that holds it')]),
    ...(every > timeout
      ? [at('every', `the step ends after ${spell(timeout)}, before it would be looked at again`)]
      : []),
  ];
}

const isGuid = (text: string): boolean => z.guid().safeParse(text).success;

/** `timeout` is a field of the step, but what does not fit it is written here. */
const tooLate = (
  at: (field: string, message: string) => Finding,
  needs: number,
  timeout: number,
): Finding[] =>
  needs <= timeout
    ? []
    : [
        at(
          'for',
          `the verdict takes at least ${spell(needs)}, the step ends after ${spell(timeout)}; give the step a longer timeout`,
        ),
      ];

/** A pattern that does not compile would fail in the middle of a run. */
export function patternFaults(path: (string | number)[], pattern: string | undefined): Finding[] {
  try {
    if (pattern !== undefined) RE2JS.compile(pattern);
    return [];
  } catch (error) {
    return [{ path, message: `no RE2 pattern: ${messageOf(error)}` }];
  }
}
