import type { Answer } from '../ops-api/loopback.ts';
import type { Entry, Job } from './job-store.ts';
import type { AzureRunbook } from './runbooks.ts';

/** An error of Azure Resource Manager. */
export const armError = (status: number, code: string, message: string): Answer => ({
  status,
  json: { error: { code, message } },
});
/** An error of Automation itself, which comes without the wrapping. */
export const automationError = (status: number, code: string, message: string): Answer => ({
  status,
  json: { code, message },
});

export const runbookJson = (account: string, { name, type, state, parameters = {} }: AzureRunbook) => ({
  id: `${account}/runbooks/${name}`,
  location: 'westeurope',
  name,
  type: 'Microsoft.Automation/AutomationAccounts/Runbooks',
  properties: {
    runbookType: type ?? 'PowerShell',
    state: state ?? 'Published',
    logVerbose: false,
    logProgress: false,
    logActivityTrace: 0,
    creationTime: '2026-01-05T09:00:00+00:00',
    lastModifiedTime: '2026-01-05T09:00:00+00:00',
    parameters: Object.fromEntries(
      Object.entries(parameters).map(([key, one], position) => [
        key,
        {
          type: one.type ?? 'System.String',
          isMandatory: one.isMandatory ?? false,
          position,
          defaultValue: one.defaultValue ?? '',
        },
      ]),
    ),
  },
});

export const jobJson = (account: string, job: Job) => ({
  id: `${account}/jobs/${job.name}`,
  name: job.name,
  type: 'Microsoft.Automation/AutomationAccounts/Jobs',
  properties: {
    jobId: job.jobId,
    creationTime: job.created,
    provisioningState: job.ended === null ? 'Processing' : 'Succeeded',
    status: job.status,
    statusDetails: 'None',
    startedBy: '{scrubbed}',
    startTime: job.started,
    endTime: job.ended,
    lastModifiedTime: job.ended ?? job.started ?? job.created,
    lastStatusModifiedTime: job.ended ?? job.started ?? job.created,
    exception: job.exception,
    parameters: job.parameters,
    runOn: job.runOn,
    runbook: { name: job.runbook },
  },
});

const summaryLength = 1_000;

/** A record of a stream in the list; its whole text is on its own page. */
export const streamJson = (account: string, { name, jobId }: Job, entry: Entry, n: number) => ({
  id: `${account}/jobs/${name}/streams/${jobId}_${n}`,
  properties: {
    jobStreamId: `${jobId}_${n}`,
    time: entry.time,
    streamType: entry.type,
    summary: entry.text.slice(0, summaryLength),
  },
});
