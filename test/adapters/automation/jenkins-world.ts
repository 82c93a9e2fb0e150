import { type JenkinsSettings, jenkinsTarget } from '../../../src/adapters/automation/jenkins.ts';
import type { JobDefinition } from '../../../src/sandbox/jenkins/definitions.ts';
import type { JenkinsOptions } from '../../../src/sandbox/jenkins/server.ts';
import { jenkins, token, user } from '../../sandbox/jenkins/jenkins-world.ts';

export { executionId, hello, job, token, untilStopped } from '../../sandbox/jenkins/jenkins-world.ts';

/** Settings for tests: little waiting between attempts. */
export const quick = (baseUrl: string, changes: Partial<JenkinsSettings> = {}): JenkinsSettings => ({
  name: 'jenkins',
  baseUrl,
  user,
  token,
  timeoutMs: 5_000,
  resolveSecret: () => Promise.resolve(undefined),
  sleep: () => new Promise((resolve) => setTimeout(resolve, 5)),
  ...changes,
});

/** A simulated Jenkins with the adapter in front of it. */
export async function jenkinsWorld(
  jobs: readonly JobDefinition[],
  settings: Partial<JenkinsSettings> = {},
  options: Partial<JenkinsOptions> = {},
) {
  const server = await jenkins(jobs, options);
  const target = jenkinsTarget(quick(server.url, settings));
  return {
    ...server,
    target,
    /** As our process after a restart: nothing is remembered. */
    restarted: (changes: Partial<JenkinsSettings> = {}) =>
      jenkinsTarget(quick(server.url, { ...settings, ...changes })),
  };
}
export type JenkinsWorld = Awaited<ReturnType<typeof jenkinsWorld>>;
