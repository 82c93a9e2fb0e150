import { z } from 'zod';
import type { Scalar } from '../../domain/runbook.ts';
import type { Fault } from './faults.ts';
import type { JenkinsApi } from './jenkins-api.ts';
import { jobPath } from './jenkins-job-name.ts';

const Parameter = z.object({
  name: z.string(),
  type: z.string(),
  choices: z.array(z.string()).nullish(),
});
type Parameter = z.infer<typeof Parameter>;
const Job = z.object({
  _class: z.string().default(''),
  fullName: z.string().nullish(),
  buildable: z.boolean().nullish(),
  property: z.array(z.object({ parameterDefinitions: z.array(Parameter).nullish() }).nullish()).nullish(),
});
const jobTree = 'fullName,buildable,property[parameterDefinitions[name,type,choices]]';

/** What decides whether a build would be started as it was asked for. */
export type Definition = {
  readonly path: string;
  readonly parameters: readonly Parameter[];
  /** What speaks against any build of this job. */
  readonly faults: readonly Fault[];
};

/** Reads a job, each time anew. Throws `target-refused` when there is none, or none that our user may see. */
export async function readDefinition(api: JenkinsApi, name: string): Promise<Definition> {
  const path = jobPath(api.name, name);
  const { value: job } = await api.get(path, jobTree, `job ${name}`, Job);
  const parameters = (job.property ?? []).flatMap((property) => property?.parameterDefinitions ?? []);
  return { path, parameters, faults: jobFaults(name, job) };
}

function jobFaults(name: string, { fullName, buildable, _class }: z.infer<typeof Job>): Fault[] {
  // names differ in case only where Jenkins finds them on a file system that ignores it
  if ((fullName ?? name) !== name)
    return [{ reason: `Jenkins calls it ${fullName}`, fix: `Write the job as Jenkins does: ${fullName}.` }];
  if (buildable === true) return [];
  if (buildable === false) return [{ reason: 'it is disabled', fix: `Enable ${name} in Jenkins.` }];
  return [
    {
      reason: `it is no job that can be built (${_class.split('.').at(-1)})`,
      fix: 'Name a job inside this folder, or a branch of this multibranch project, in the runbook.',
    },
  ];
}

export type Wanted = {
  readonly parameters: Readonly<Record<string, Scalar>>;
  /** Names of the parameters whose value is a secret. */
  readonly secret: readonly string[];
  readonly executionId: string;
  /** The parameter that carries the execution id, by which the build is found again. */
  readonly parameter: string;
};

/** The form of a launch that the job takes as it is, or everything that speaks against it. */
export function launchForm(
  definition: Definition,
  wanted: Wanted,
):
  | { readonly ok: true; readonly form: URLSearchParams }
  | { readonly ok: false; readonly faults: readonly Fault[] } {
  const { parameters, parameter, executionId, secret } = wanted;
  const faults = [
    ...definition.faults,
    ...executionIdFaults(definition, wanted),
    ...Object.entries(parameters).flatMap(([name, value]) =>
      parameterFaults(definition, name, value, secret.includes(name)),
    ),
  ];
  if (faults.length > 0) return { ok: false, faults };
  const form = new URLSearchParams({ [parameter]: executionId });
  for (const [name, value] of Object.entries(parameters)) form.append(name, String(value));
  return { ok: true, form };
}

const named = ({ parameters }: Definition, name: string): Parameter | undefined =>
  parameters.find((one) => one.name === name);

const textTypes: readonly string[] = ['StringParameterDefinition', 'TextParameterDefinition'];

/** Without it Jenkins drops the id, and would join this launch to an equal one that is queued. */
function executionIdFaults(definition: Definition, { parameter, parameters }: Wanted): Fault[] {
  if (Object.hasOwn(parameters, parameter))
    return [
      {
        reason: `${parameter} carries the execution id and is no parameter`,
        fix: `Give the parameter ${parameter} of the runbook another name.`,
      },
    ];
  const defined = named(definition, parameter);
  if (defined !== undefined && textTypes.includes(defined.type)) return [];
  return [
    {
      reason: `the job has no string parameter ${parameter}, by which its builds are told apart and found again`,
      fix: `Add the string parameter ${parameter} to the job.`,
    },
  ];
}

/** Names that mean something else to Jenkins in a request to build. */
const reserved: readonly string[] = ['delay', 'token', 'cause', 'json'];

function parameterFaults(definition: Definition, name: string, value: Scalar, secret: boolean): Fault[] {
  if (reserved.includes(name))
    return [
      {
        reason: `${name} means something else to Jenkins`,
        fix: `Give the parameter ${name} of the job and the runbook another name.`,
      },
    ];
  const defined = named(definition, name);
  if (defined === undefined)
    return [
      {
        reason: `Jenkins would drop ${name}, which the job does not define`,
        fix: `Add the parameter ${name} to the job, or take it out of the step's "with".`,
      },
    ];
  if (secret && defined.type !== 'PasswordParameterDefinition')
    return [
      {
        reason: `Jenkins would show the secret ${name} to everybody who may see the job`,
        fix: `Make ${name} a password parameter of the job, or give the job a credential of Jenkins instead.`,
      },
    ];
  const reason = complaint(defined, value);
  return reason === undefined ? [] : [{ reason, fix: `Correct ${name} in the runbook or in the job.` }];
}

/** Why a value does not fit; Jenkins itself would take anything but "true" for false, and answer 500 for a choice that is none. */
function complaint({ name, type, choices }: Parameter, value: Scalar): string | undefined {
  switch (type) {
    case 'StringParameterDefinition':
    case 'TextParameterDefinition':
    case 'PasswordParameterDefinition':
      return undefined;
    case 'BooleanParameterDefinition':
      return /^(true|false)$/.test(String(value)) ? undefined : `the job wants true or false for ${name}`;
    case 'ChoiceParameterDefinition':
      return (choices ?? []).includes(String(value))
        ? undefined
        : `the job wants one of ${(choices ?? []).join(', ')} for ${name}`;
    default:
      return `nobody can say what Jenkins makes of ${name}, which is a ${type}`;
  }
}
