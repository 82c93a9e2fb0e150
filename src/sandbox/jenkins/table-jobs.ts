import type { JobTable } from '../ops-api/job-runner.ts';
import type { JobDefinition } from './definitions.ts';

/** The jobs of a table as pipelines, each with these parameters and the one that every job of ours defines. */
export const tableJobs = (table: JobTable, names: readonly string[]): readonly JobDefinition[] =>
  Object.entries(table).map(([name, work]) => ({
    name,
    parameters: [...names, 'EXECUTION_ID'].map((one) => ({ name: one, type: 'String', default: '' })),
    // a build says nothing of hosts
    work: (values, log, signal) => work(values, log, signal, () => undefined),
  }));
