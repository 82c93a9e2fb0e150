import type { BuildStore } from './build-store.ts';
import { type JobDefinition, jobUrl } from './definitions.ts';
import type { BuildQueue } from './queue.ts';

/** What the pages of the API are made from. */
export type Scene = {
  readonly jobs: readonly JobDefinition[];
  readonly store: BuildStore;
  readonly queue: BuildQueue;
  readonly user: string;
  readonly isDisabled: (job: string) => boolean;
  readonly quietingDown: () => boolean;
  /** The address in absolute links, without a slash at the end. */
  readonly base: string;
};

export const lastPart = (path: string): string => path.split('/').at(-1) ?? '';

export const names = (fullName: string) => ({
  name: lastPart(fullName),
  displayName: lastPart(fullName),
  displayNameOrNull: null,
  fullDisplayName: fullName.split('/').join(' » '),
  fullName,
});

/** What is shown of a job wherever it is mentioned. */
export const jobHead = (scene: Scene, { name }: Pick<JobDefinition, 'name'>) => ({
  ...names(name),
  url: `${scene.base}${jobUrl(name)}/`,
  color: colorOf(scene, name),
});

export const jobClass = ({ kind }: JobDefinition): string =>
  kind === 'freestyle' ? 'hudson.model.FreeStyleProject' : 'org.jenkinsci.plugins.workflow.job.WorkflowJob';

const colors = {
  SUCCESS: 'blue',
  UNSTABLE: 'yellow',
  FAILURE: 'red',
  NOT_BUILT: 'notbuilt',
  ABORTED: 'aborted',
} as const;

function colorOf({ store, isDisabled }: Scene, job: string): string {
  if (isDisabled(job)) return 'disabled';
  const builds = store.of(job);
  const ended = builds.find(({ result }) => result !== null)?.result;
  const color = ended === undefined || ended === null ? 'notbuilt' : colors[ended];
  return builds.some(({ building }) => building) ? `${color}_anime` : color;
}
