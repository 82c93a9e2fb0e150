import type { Answer, Ask, Handler, Routes } from '../ops-api/loopback.ts';
import type { Build } from './build-store.ts';
import { consoleText, progressiveText } from './console.ts';
import { type JobDefinition, jobUrl } from './definitions.ts';
import { type StopLevel, stopLevels } from './executor.ts';
import { back, notFound, page } from './pages.ts';
import { jobBean } from './present.ts';
import { buildBean } from './present-build.ts';
import { lastPart, type Scene } from './scene.ts';
import { givenIn, type Scheduling, schedule } from './schedule.ts';
import { exported } from './tree.ts';

export type Jenkins = Scheduling & {
  readonly sceneOf: (ask: Ask) => Scene;
  readonly setDisabled: (job: string, disabled: boolean) => void;
};

/** Names that stand for a number: permalinks of a job. */
const permalinks: Readonly<Record<string, (build: Build) => boolean>> = {
  lastBuild: () => true,
  lastCompletedBuild: ({ building }) => !building,
  lastSuccessfulBuild: ({ result }) => result === 'SUCCESS' || result === 'UNSTABLE',
  lastStableBuild: ({ result }) => result === 'SUCCESS',
  lastFailedBuild: ({ result }) => result === 'FAILURE',
};

/** The pages and actions of one job, below its address. */
export function jobRoutes(jenkins: Jenkins, job: JobDefinition): Routes {
  const url = jobUrl(job.name);
  const api: Handler = (ask) => exported(jobBean(jenkins.sceneOf(ask), job), ask.query);
  const toggle =
    (disabled: boolean): Handler =>
    (ask) => {
      jenkins.setDisabled(job.name, disabled);
      return back(`${jenkins.baseOf(ask)}${url}/`);
    };
  return {
    [`GET ${url}/api/json`]: api,
    [`HEAD ${url}/api/json`]: api,
    [`GET ${url}/`]: () => page(200, lastPart(job.name)),
    [`POST ${url}/buildWithParameters`]: schedule(jenkins, job, true),
    [`POST ${url}/build`]: schedule(jenkins, job, false),
    [`POST ${url}/disable`]: toggle(true),
    [`POST ${url}/enable`]: toggle(false),
    ...buildRoutes(jenkins, job, `${url}/:number`),
  };
}

function buildRoutes(jenkins: Jenkins, job: JobDefinition, url: string): Routes {
  const ofBuild =
    (answer: (build: Build, ask: Ask) => Answer): Handler =>
    (ask) => {
      const build = named(jenkins.sceneOf(ask), job.name, ask.params['number'] ?? '');
      return build === undefined ? notFound : answer(build, ask);
    };
  const progressive = ofBuild((build, ask) =>
    progressiveText(jenkins.sceneOf(ask).store.logOf(build), givenIn(ask).get('start'), build.building),
  );
  const stop = (level: StopLevel) =>
    ofBuild((build, ask) => {
      jenkins.runner.stop(build, level);
      return back(`${jenkins.baseOf(ask)}${jobUrl(job.name)}/${build.number}/`);
    });
  const levels = job.kind === 'freestyle' ? (['stop'] as const) : stopLevels;
  return {
    [`GET ${url}/api/json`]: ofBuild((build, ask) =>
      exported(buildBean(jenkins.sceneOf(ask), build), ask.query),
    ),
    [`GET ${url}/`]: ofBuild((build) => page(200, `${lastPart(job.name)} #${build.number}`)),
    [`GET ${url}/consoleText`]: ofBuild((build, ask) => consoleText(jenkins.sceneOf(ask).store.logOf(build))),
    [`GET ${url}/logText/progressiveText`]: progressive,
    [`POST ${url}/logText/progressiveText`]: progressive,
    ...Object.fromEntries(levels.map((level) => [`POST ${url}/${level}`, stop(level)])),
    [`GET ${url}/artifact/*`]: ofBuild(artifact),
  };
}

function named({ store }: Scene, job: string, name: string): Build | undefined {
  const fits = permalinks[name];
  if (fits !== undefined) return store.of(job).find(fits);
  return /^\d{1,9}$/.test(name) ? store.get(job, Number(name)) : undefined;
}

function artifact({ artifacts }: Build, ask: Ask): Answer {
  const path = decodeURIComponent(ask.path.slice(ask.path.indexOf('/artifact/') + '/artifact/'.length));
  const text = Object.hasOwn(artifacts, path) ? artifacts[path] : undefined;
  if (text === undefined) return notFound;
  return { status: 200, headers: { 'content-type': 'application/octet-stream' }, text };
}
