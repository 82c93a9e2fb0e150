import { iisJobs, type SiteAdmin } from '../ops-api/jobs.ts';
import type { JobDefinition, ParameterDefinition } from './definitions.ts';

const parameters: readonly ParameterDefinition[] = [
  { name: 'site', type: 'String', default: '' },
  { name: 'pool', type: 'String', default: '' },
  { name: 'EXECUTION_ID', type: 'String', default: '' },
];

/** The IIS team's jobs as pipelines: they do to the simulated site what the jobs of the ops-runbook API do. */
export const iisJenkinsJobs = (admin: SiteAdmin): readonly JobDefinition[] =>
  Object.entries(iisJobs(admin)).map(([name, work]) => ({ name, parameters, work }));
