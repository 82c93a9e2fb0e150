import type { Parameter } from './parameter.ts';
import { placeholdersIn } from './placeholder.ts';
import { isPartId, mostOf, type Rolling } from './rolling.ts';
import type { RunbookFile } from './runbook.ts';

type Step = RunbookFile['steps']['remediation'][number];
type Path = (string | number)[];
type Finding = { readonly path: Path; readonly message: string };
type Parameters = RunbookFile['parameters'];

/** What cannot work in how a step goes through a pool. `others` are the ids of the runbook's other steps. */
export function rollingFaults(step: Step, parameters: Parameters, others: readonly string[]): Finding[] {
  const { id, rolling } = step;
  if (rolling === undefined) return [];
  const { over } = rolling;
  const parameter = Object.hasOwn(parameters, over) ? parameters[over] : undefined;
  const clash = others.find((other) => isPartId(id, other));
  return [
    ...overFaults(over, parameter, parameters),
    ...(parameter?.type === 'list' ? [...unusedFaults(step, over), ...sizeFaults(rolling, parameter)] : []),
    ...(clash === undefined
      ? []
      : [
          { path: ['id'], message: `its batches would be called like the step ${clash}; rename one of them` },
        ]),
  ];
}

function overFaults(over: string, parameter: Parameter | undefined, parameters: Parameters): Finding[] {
  if (parameter?.type === 'list') return [];
  const at = { path: ['rolling', 'over'] };
  const lists = Object.keys(parameters).filter((name) => parameters[name]?.type === 'list');
  const fix =
    lists.length === 0
      ? 'add a parameter of type list that names the hosts'
      : `name one of ${lists.join(', ')}`;
  if (parameter === undefined)
    return [{ ...at, message: `${over} is not a parameter of this runbook; ${fix}` }];
  return [{ ...at, message: `${over} is a ${parameter.type}, not a list of hosts; ${fix}` }];
}

/** Each batch would be given everything but its hosts. */
const unusedFaults = (step: Step, over: string): Finding[] =>
  Object.values(step.with).some((text) => placeholdersIn(String(text)).includes(over))
    ? []
    : [
        {
          path: ['with'],
          message: `goes through ${over}, but does not tell the job: give it a value with {${over}}`,
        },
      ];

type List = Extract<Parameter, { type: 'list' }>;

/** A number larger than any pool can be is a mistake: the whole pool would be out at once. */
function sizeFaults(
  { maxUnavailable, stopAfterFailures }: Rolling,
  { max, default: given, from }: List,
): Finding[] {
  const known = given !== undefined && from.length === 0;
  const pool = known ? given.length : max;
  const what = known ? `the pool has ${pool} hosts` : `the list has ${max} hosts at most`;
  return [
    ...(typeof maxUnavailable === 'number' && maxUnavailable > pool
      ? [
          {
            path: ['rolling', 'maxUnavailable'],
            message: `${what}: make it ${mostOf('50%', pool)} or so, or a share such as 50%`,
          },
        ]
      : []),
    ...(stopAfterFailures > pool
      ? [
          {
            path: ['rolling', 'stopAfterFailures'],
            message: `${what}: so many can never fail; make it smaller`,
          },
        ]
      : []),
  ];
}
