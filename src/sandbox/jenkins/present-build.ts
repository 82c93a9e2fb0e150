import type { Build } from './build-store.ts';
import { type JobDefinition, jobUrl, type ParameterDefinition, type ParameterValue } from './definitions.ts';
import type { QueueItem } from './queue.ts';
import { jobClass, jobHead, lastPart, type Scene } from './scene.ts';
import type { Bean } from './tree.ts';

/** What a job asks for, as its page shows it. */
export const definitionProperty = ({ parameters = [] }: JobDefinition): readonly Bean[] =>
  parameters.length === 0
    ? []
    : [
        {
          _class: 'hudson.model.ParametersDefinitionProperty',
          data: { parameterDefinitions: parameters.map(definitionBean) },
        },
      ];

const definitionBean = (definition: ParameterDefinition): Bean => ({
  _class: `hudson.model.${definition.type}ParameterDefinition`,
  data: {
    defaultParameterValue: {
      _class: valueClass(definition.type),
      data: {
        name: definition.name,
        ...(definition.type === 'Password'
          ? {}
          : { value: definition.default ?? definition.choices?.[0] ?? '' }),
      },
    },
    description: '',
    name: definition.name,
    type: `${definition.type}ParameterDefinition`,
    ...(definition.choices === undefined ? {} : { choices: definition.choices }),
  },
});

const valueClass = (type: string) => `hudson.model.${type === 'Choice' ? 'String' : type}ParameterValue`;

const actionsOf = (user: string, parameters: readonly ParameterValue[]): readonly Bean[] => [
  ...(parameters.length === 0
    ? []
    : [
        {
          _class: 'hudson.model.ParametersAction',
          data: {
            parameters: parameters.map(({ name, type, value }) => ({
              _class: valueClass(type),
              data: { name, ...(value === undefined ? {} : { value }) },
            })),
          },
        },
      ]),
  {
    _class: 'hudson.model.CauseAction',
    data: {
      causes: [
        {
          _class: 'hudson.model.Cause$UserIdCause',
          data: { shortDescription: `Started by user ${user}`, userId: user, userName: user },
        },
      ],
    },
  },
];

export function buildBean({ base, user, jobs }: Scene, build: Build): Bean {
  const { job, number, building, timestamp } = build;
  const freestyle = jobs.find(({ name }) => name === job)?.kind === 'freestyle';
  return {
    _class: freestyle ? 'hudson.model.FreeStyleBuild' : 'org.jenkinsci.plugins.workflow.job.WorkflowRun',
    brief: ['number', 'url'],
    data: {
      actions: actionsOf(user, build.parameters),
      artifacts: Object.keys(build.artifacts).map((path) => ({
        _class: 'hudson.model.Run$Artifact',
        data: { displayPath: lastPart(path), fileName: lastPart(path), relativePath: path },
      })),
      building,
      description: null,
      displayName: `#${number}`,
      duration: build.duration,
      estimatedDuration: -1,
      executor: null,
      fullDisplayName: `${job.split('/').join(' » ')} #${number}`,
      id: String(number),
      inProgress: building,
      keepLog: false,
      number,
      queueId: build.queueId,
      result: build.result,
      timestamp,
      url: `${base}${jobUrl(job)}/${number}/`,
      changeSets: [],
      culprits: [],
      nextBuild: null,
      previousBuild: null,
    },
  };
}

const itemClasses = {
  waiting: 'WaitingItem',
  blocked: 'BlockedItem',
  buildable: 'BuildableItem',
  left: 'LeftItem',
} as const;

export function itemBean(scene: Scene, item: QueueItem): Bean {
  const { store, jobs, user } = scene;
  const definition = jobs.find(({ name }) => name === item.job);
  const build = item.number === undefined ? undefined : store.get(item.job, item.number);
  return {
    _class: `hudson.model.Queue$${itemClasses[item.state]}`,
    data: {
      actions: actionsOf(user, item.parameters),
      blocked: item.state === 'blocked',
      buildable: item.state === 'buildable',
      id: item.id,
      inQueueSince: item.since,
      params: item.parameters.map(({ name, value }) => `\n${name}=${String(value ?? '****')}`).join(''),
      stuck: false,
      task:
        definition === undefined ? null : { _class: jobClass(definition), data: jobHead(scene, definition) },
      url: `queue/item/${item.id}/`,
      why: item.why,
      ...(item.state === 'waiting' ? { timestamp: item.due } : {}),
      ...(item.state === 'left'
        ? {
            cancelled: item.number === undefined,
            executable: build === undefined ? null : buildBean(scene, build),
          }
        : {}),
    },
  };
}
