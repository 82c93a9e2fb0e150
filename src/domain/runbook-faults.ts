import { Incident } from './incident.ts';
import type { Parameter } from './parameter.ts';
import { isAsked, parseParameter } from './parameter-value.ts';
import { placeholdersIn } from './placeholder.ts';
import { patternFaults, probeFaults, probeTexts } from './probe-faults.ts';
import { rollingFaults } from './rolling-faults.ts';
import type { RunbookFile, VerificationStep } from './runbook.ts';

type Shape = Pick<RunbookFile, 'steps' | 'rollback' | 'parameters' | 'match' | 'target'>;
type TargetStep = Shape['steps']['remediation'][number];
type Path = (string | number)[];
type Finding = { readonly path: Path; readonly message: string };
type Placed = { readonly path: Path; readonly step: TargetStep | VerificationStep };

/** What the schema alone cannot see: ids used twice, placeholders nobody defined, patterns and defaults that cannot work. */
export function contradictions(runbook: Shape): Finding[] {
  const steps = placedSteps(runbook);
  return [
    ...repeatedIds(steps),
    ...steps.flatMap((placed) => targetFaults(placed, runbook.target)),
    ...steps.flatMap((placed) => placeholderFaults(placed, runbook.parameters)),
    ...rollingFaultsIn(steps, runbook.parameters),
    ...steps.flatMap(({ path, step }) =>
      isJob(step) ? [] : probeFaults(step).map((fault) => ({ ...fault, path: [...path, ...fault.path] })),
    ),
    ...Object.entries(runbook.parameters).flatMap(([name, parameter]) => parameterFaults(name, parameter)),
    ...ownerFaults(runbook),
    ...columnFaults(runbook),
  ];
}

const rollingFaultsIn = (steps: readonly Placed[], parameters: Shape['parameters']): Finding[] =>
  steps.flatMap(({ path, step }) => {
    const others = steps.flatMap((one) => (one.step === step ? [] : [one.step.id]));
    const faults = isJob(step) ? rollingFaults(step, parameters, others) : [];
    return faults.map((fault) => ({ ...fault, path: [...path, ...fault.path] }));
  });

const isJob = (step: Placed['step']): step is TargetStep => 'job' in step;

function placedSteps({ steps, rollback }: Shape): Placed[] {
  const undo = 'steps' in rollback ? rollback.steps : [];
  return [
    ...steps.diagnostics.map((step, n) => ({ path: ['steps', 'diagnostics', n], step })),
    ...steps.remediation.map((step, n) => ({ path: ['steps', 'remediation', n], step })),
    ...steps.verification.map((step, n) => ({ path: ['steps', 'verification', n], step })),
    ...undo.map((step, n) => ({ path: ['rollback', 'steps', n], step })),
  ];
}

function repeatedIds(steps: readonly Placed[]): Finding[] {
  const seen = new Set<string>();
  return steps.flatMap(({ path, step: { id } }) => {
    const twice = seen.has(id);
    seen.add(id);
    return twice ? [{ path: [...path, 'id'], message: `step id ${id} is used twice` }] : [];
  });
}

const targetFaults = ({ path, step }: Placed, target: string | undefined): Finding[] =>
  isJob(step) && step.target === undefined && target === undefined
    ? [
        {
          path,
          message: `step ${step.id} names no target; give it one, or give the runbook one for all steps`,
        },
      ]
    : [];

/** A placeholder names a parameter; a secret is resolved by the target's adapter, and only where it is the whole value. */
function placeholderFaults({ path, step }: Placed, parameters: Shape['parameters']): Finding[] {
  const texts: [Path, string][] = isJob(step)
    ? Object.entries(step.with).map(([name, text]) => [['with', name], String(text)])
    : probeTexts(step);
  const known = Object.keys(parameters).join(', ') || 'none';
  const faultOf = (name: string, text: string): string | undefined => {
    const parameter = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    if (parameter === undefined) return `{${name}} is not a parameter of this runbook; known: ${known}`;
    if (parameter.type === 'list' && !isJob(step))
      return `{${name}} is a list of names: only a job can be given one`;
    if (parameter.type !== 'secret' || (isJob(step) && text === `{${name}}`)) return undefined;
    return `{${name}} is a secret: it must be the whole value of a job's parameter`;
  };
  return texts.flatMap(([at, text]) =>
    placeholdersIn(text).flatMap((name) => {
      const message = faultOf(name, text);
      return message === undefined ? [] : [{ path: [...path, ...at], message }];
    }),
  );
}

function parameterFaults(name: string, parameter: Parameter): Finding[] {
  if (!isAsked(parameter)) return [];
  const at = (field: string): Path => ['parameters', name, field];
  if (parameter.type === 'string' || parameter.type === 'list') {
    const faults = patternFaults(at('pattern'), parameter.pattern);
    if (faults.length > 0) return faults;
  }
  if (isEmpty(parameter))
    return [{ path: at('min'), message: `larger than max: no ${fitting(parameter)} fits` }];
  if (parameter.default === undefined) return [];
  const parsed = parseParameter(parameter, parameter.default);
  return parsed.ok ? [] : [{ path: at('default'), message: `the default does not fit: ${parsed.message}` }];
}

/** Nothing is between what is the least and what is the most. */
const isEmpty = (parameter: Parameter): boolean =>
  (parameter.type === 'integer' || parameter.type === 'list') &&
  (parameter.min ?? Number.NEGATIVE_INFINITY) > (parameter.max ?? Number.POSITIVE_INFINITY);

const fitting = ({ type }: Parameter): string => (type === 'list' ? 'list' : 'number');
/** One person is asked, once. */
const ownerFaults = ({ parameters }: Shape): Finding[] =>
  Object.entries(parameters)
    .filter(([, { type }]) => type === 'owner')
    .slice(1)
    .map(([name]) => ({ path: ['parameters', name], message: 'an item has one owner: ask once' }));

const columnFaults = ({ match }: Shape): Finding[] =>
  Object.keys(match.incident)
    .filter((column) => column in Incident.shape && column !== 'priority')
    .map((column) => ({
      path: ['match', 'incident', column],
      message: 'name a ServiceNow column, e.g. category',
    }));
