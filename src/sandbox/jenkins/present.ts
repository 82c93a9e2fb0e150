import type { Build } from './build-store.ts';
import { foldersOf, type JobDefinition, jobUrl } from './definitions.ts';
import { buildBean, definitionProperty, itemBean } from './present-build.ts';
import { jobClass, jobHead, names, type Scene } from './scene.ts';
import type { Bean } from './tree.ts';

const inside = (parent: string, name: string) =>
  parent === ''
    ? !name.includes('/')
    : name.startsWith(`${parent}/`) && !name.slice(parent.length + 1).includes('/');

/** The jobs and folders that are directly in a folder; of the root with an empty name. */
function itemsIn(scene: Scene, folder: string): readonly Bean[] {
  const folders = foldersOf(scene.jobs).filter((name) => inside(folder, name));
  const jobs = scene.jobs.filter(({ name }) => inside(folder, name));
  return [...folders.map((name) => folderBean(scene, name)), ...jobs.map((job) => jobBean(scene, job))];
}

export const rootBean = (scene: Scene): Bean => ({
  _class: 'hudson.model.Hudson',
  data: {
    mode: 'NORMAL',
    nodeDescription: "the Jenkins controller's built-in node",
    nodeName: '',
    numExecutors: 2,
    description: null,
    get jobs() {
      return itemsIn(scene, '');
    },
    quietingDown: scene.quietingDown(),
    slaveAgentPort: -1,
    url: `${scene.base}/`,
    useCrumbs: true,
    useSecurity: true,
    views: [],
  },
});

export function folderBean(scene: Scene, fullName: string): Bean {
  return {
    _class: 'com.cloudbees.hudson.plugins.folder.Folder',
    brief: ['name', 'url'],
    data: {
      ...names(fullName),
      actions: [],
      description: null,
      url: `${scene.base}${jobUrl(fullName)}/`,
      healthReport: [],
      get jobs() {
        return itemsIn(scene, fullName);
      },
      views: [],
    },
  };
}

export function jobBean(scene: Scene, job: JobDefinition): Bean {
  const { name: fullName } = job;
  const { store, queue } = scene;
  const builds = () => store.of(fullName).map((build) => buildBean(scene, build));
  const latest = (fits: (build: Build) => boolean) => {
    const found = store.of(fullName).find(fits);
    return found === undefined ? null : buildBean(scene, found);
  };
  const items = queue.queued().filter((item) => item.job === fullName);
  return {
    _class: jobClass(job),
    brief: ['name', 'url', 'color'],
    onRequest: ['allBuilds'],
    data: {
      ...jobHead(scene, job),
      actions: definitionProperty(job),
      description: null,
      buildable: !scene.isDisabled(fullName),
      get builds() {
        return builds().slice(0, 100);
      },
      get allBuilds() {
        return builds();
      },
      get firstBuild() {
        return builds().at(-1) ?? null;
      },
      healthReport: [],
      inQueue: items.length > 0,
      keepDependencies: false,
      lastBuild: latest(() => true),
      lastCompletedBuild: latest(({ building }) => !building),
      lastFailedBuild: latest(({ result }) => result === 'FAILURE'),
      lastStableBuild: latest(({ result }) => result === 'SUCCESS'),
      lastSuccessfulBuild: latest(({ result }) => result === 'SUCCESS' || result === 'UNSTABLE'),
      lastUnstableBuild: latest(({ result }) => result === 'UNSTABLE'),
      lastUnsuccessfulBuild: latest(({ result }) => result !== null && result !== 'SUCCESS'),
      nextBuildNumber: store.of(fullName).length + 1,
      property: definitionProperty(job),
      get queueItem() {
        return items[0] === undefined ? null : itemBean(scene, items[0]);
      },
      concurrentBuild: job.oneAtATime !== true,
      disabled: scene.isDisabled(fullName),
    },
  };
}

export const queueBean = (scene: Scene): Bean => ({
  _class: 'hudson.model.Queue',
  data: { discoverableItems: [], items: scene.queue.queued().map((item) => itemBean(scene, item)) },
});

export const whoAmI = (user: string): Bean => ({
  _class: 'hudson.security.WhoAmI',
  data: {
    anonymous: false,
    authenticated: true,
    authorities: ['authenticated'],
    details: null,
    name: user,
    toString: `org.springframework.security.authentication.UsernamePasswordAuthenticationToken [Principal=${user}]`,
  },
});

export const userBean = ({ base, user }: Scene): Bean => ({
  _class: 'hudson.model.User',
  data: { absoluteUrl: `${base}/user/${user}`, description: null, fullName: user, id: user, property: [] },
});
