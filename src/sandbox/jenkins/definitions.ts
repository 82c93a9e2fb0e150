import type { Scalar } from '../../domain/runbook.ts';
import type { Log } from '../ops-api/job-runner.ts';

/** A parameter as a job defines it; `type` as in `StringParameterDefinition`, without the end. */
export type ParameterDefinition = {
  readonly name: string;
  readonly type: string;
  readonly default?: string | boolean;
  readonly choices?: readonly string[];
};
/** What a build does besides its log. */
export type Leave = {
  /** A result worse than SUCCESS for work that ends well. */
  readonly result: (result: 'UNSTABLE' | 'NOT_BUILT') => void;
  readonly artifact: (path: string, content: string) => void;
};
/** What a job does: it works, or throws with the reason it failed. */
export type Work = (
  parameters: Readonly<Record<string, Scalar>>,
  log: Log,
  signal: AbortSignal,
  leave: Leave,
) => Promise<void>;

export type JobDefinition = {
  /** With its folders: `team/app/recycle`. */
  readonly name: string;
  /** `pipeline` without it; only a pipeline can be terminated and killed. */
  readonly kind?: 'pipeline' | 'freestyle';
  /** Without any, the job is not parameterized. */
  readonly parameters?: readonly ParameterDefinition[];
  readonly work: Work;
  readonly disabled?: boolean;
  /** The user may see it and not build it. */
  readonly mayNotBuild?: boolean;
  /** A second build waits for the first one. */
  readonly oneAtATime?: boolean;
  /** What the work does not listen to: with `term` only a kill helps. */
  readonly ignores?: 'stop' | 'term';
  /** Something in Jenkins says no to every build (a QueueDecisionHandler). */
  readonly vetoed?: boolean;
};

/** Path of a job or folder below the root: `/job/team/job/app`. */
export const jobUrl = (fullName: string): string =>
  fullName
    .split('/')
    .map((part) => `/job/${encodeURIComponent(part)}`)
    .join('');

/** Every folder that a job is in, from the outermost. */
export function foldersOf(jobs: readonly JobDefinition[]): readonly string[] {
  const folders = new Set<string>();
  for (const { name } of jobs) {
    const parts = name.split('/');
    for (let n = 1; n < parts.length; n += 1) folders.add(parts.slice(0, n).join('/'));
  }
  return [...folders];
}

/** A parameter's value in a build; of a password none is shown. */
export type ParameterValue = {
  readonly name: string;
  readonly type: string;
  readonly value?: string | boolean;
};

/**
 * The values of a build, as Jenkins takes them: it asks for each defined parameter and looks at nothing else, so what is
 * not defined is dropped without a word (ParametersDefinitionProperty). Throws on a choice that is none.
 */
export function takeValues(
  definitions: readonly ParameterDefinition[],
  given: URLSearchParams,
): Record<string, string | boolean> {
  return Object.fromEntries(
    definitions.map((definition) => [definition.name, taken(definition, given.getAll(definition.name))]),
  );
}

function taken(definition: ParameterDefinition, given: readonly string[]): string | boolean {
  const { name, type, choices = [] } = definition;
  const [text, ...more] = given;
  if (more.length > 0)
    throw new RangeError(`Illegal number of parameter values for ${name}: ${given.length}`);
  // `Boolean.valueOf`: everything but "true" is false
  if (type === 'Boolean') return text === undefined ? definition.default === true : /^true$/i.test(text);
  const value = text ?? definition.default ?? choices[0] ?? '';
  if (type === 'Choice' && !choices.includes(String(value)))
    throw new RangeError(`Illegal choice for parameter ${name}: ${String(value)}`);
  return String(value);
}

/** Values as builds and queue items keep them. */
export const shownValues = (
  definitions: readonly ParameterDefinition[],
  values: Readonly<Record<string, string | boolean>>,
): ParameterValue[] =>
  definitions.map(({ name, type }) => ({
    name,
    type,
    ...(type === 'Password' || values[name] === undefined ? {} : { value: values[name] }),
  }));
