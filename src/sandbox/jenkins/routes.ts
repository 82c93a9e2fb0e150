import type { Answer, Ask, Handler, Routes } from '../ops-api/loopback.ts';
import { foldersOf, type JobDefinition, jobUrl } from './definitions.ts';
import { type Jenkins, jobRoutes } from './job-routes.ts';
import { errorText, notFound, page } from './pages.ts';
import { folderBean, queueBean, rootBean, userBean, whoAmI } from './present.ts';
import { itemBean } from './present-build.ts';
import type { QueueItem } from './queue.ts';
import { givenIn } from './schedule.ts';
import { type Bean, exported } from './tree.ts';

/** Every page and action for a user who is signed in. */
export function routesOf(
  jenkins: Jenkins,
  jobs: readonly JobDefinition[],
  quietDown: (on: boolean) => void,
): Routes {
  const { queue, user, sceneOf } = jenkins;
  const quiet =
    (on: boolean): Handler =>
    () => {
      quietDown(on);
      return page(200, 'Jenkins');
    };
  return {
    'GET /': () => page(200, 'Dashboard'),
    'GET /api/json': (ask) => exported(rootBean(sceneOf(ask)), ask.query),
    'GET /whoAmI/api/json': (ask) => exported(whoAmI(user), ask.query),
    'GET /me/api/json': (ask) => exported(userBean(sceneOf(ask)), ask.query),
    'GET /computer/api/json': (ask) => exported(computers(jenkins, ask), ask.query),
    'GET /queue/api/json': (ask) => exported(queueBean(sceneOf(ask)), ask.query),
    'GET /queue/item/:id/api/json': ofItem(jenkins, (item, ask) =>
      exported(itemBean(sceneOf(ask), item), ask.query),
    ),
    'GET /queue/item/:id/': ofItem(jenkins, () => ({ status: 200, text: 'Queue item exists.' })),
    'POST /queue/item/:id/cancelQueue': ofItem(jenkins, (item) => {
      queue.cancel(item);
      return { status: 204 };
    }),
    'POST /queue/cancelItem': (ask) => cancelItem(jenkins, givenIn(ask).get('id')),
    'POST /quietDown': quiet(true),
    'POST /cancelQuietDown': quiet(false),
    ...merged(foldersOf(jobs).map((name) => folderRoutes(jenkins, name))),
    ...merged(jobs.map((job) => jobRoutes(jenkins, job))),
    'GET /*': () => notFound,
    'HEAD /*': () => notFound,
    'POST /*': () => notFound,
  };
}

const merged = (parts: readonly Routes[]): Routes => Object.assign({}, ...parts) as Routes;

const folderRoutes = ({ sceneOf }: Jenkins, name: string): Routes => ({
  [`GET ${jobUrl(name)}/api/json`]: (ask) => exported(folderBean(sceneOf(ask), name), ask.query),
  [`GET ${jobUrl(name)}/`]: () => page(200, name),
});

const ofItem =
  ({ queue }: Jenkins, answer: (item: QueueItem, ask: Ask) => Answer): Handler =>
  (ask) => {
    const item = queue.get(Number(ask.params['id']));
    return item === undefined ? notFound : answer(item, ask);
  };

/** hudson.model.Queue.doCancelItem. An item that left the queue cannot be cancelled any more. */
function cancelItem({ queue }: Jenkins, id: string | null): Answer {
  const item = queue.get(Number(id ?? Number.NaN));
  if (item === undefined) return errorText(404, `Provided id (${id}) not found`);
  return queue.cancel(item) ? { status: 204 } : errorText(500, `Could not cancel run for id ${id}`);
}

function computers({ sceneOf }: Jenkins, ask: Ask): Bean {
  const { store, base } = sceneOf(ask);
  const busy = store.running().map(({ job, number: build }, number) => ({
    _class: 'hudson.model.Executor',
    data: {
      currentExecutable: {
        _class: 'hudson.model.Run',
        data: { number: build, url: `${base}${jobUrl(job)}/${build}/` },
      },
      idle: false,
      number,
    },
  }));
  return {
    _class: 'hudson.model.ComputerSet',
    data: {
      busyExecutors: busy.length,
      computer: [
        {
          _class: 'hudson.model.Hudson$MasterComputer',
          data: {
            displayName: 'Built-In Node',
            executors: busy,
            idle: busy.length === 0,
            numExecutors: 2,
            offline: false,
          },
        },
      ],
      displayName: 'Nodes',
      totalExecutors: 2,
    },
  };
}
