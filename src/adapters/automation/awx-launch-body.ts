import type { Scalar } from '../../domain/runbook.ts';
import { promptField, sortParameters } from './awx-prompts.ts';
import { answerTo, complaint } from './awx-survey.ts';
import type { Definition, Question } from './awx-template.ts';
import type { Fault } from './faults.ts';

export type LaunchBody = Readonly<Record<string, unknown>> & { readonly extra_vars: object };
type Wanted = {
  readonly parameters: Readonly<Record<string, Scalar>>;
  /** Names of the parameters whose value is a secret. */
  readonly secret: readonly string[];
  readonly executionId: string;
  /** The variable that carries the execution id, by which the job is found again. */
  readonly variable: string;
};

/** The body of a launch that the template takes as it is, or everything that speaks against it. */
export function launchBody(
  definition: Definition,
  wanted: Wanted,
):
  | { readonly ok: true; readonly body: LaunchBody }
  | { readonly ok: false; readonly faults: readonly Fault[] } {
  const { fields, variables } = sortParameters(wanted.parameters);
  const read = fields.map(([field, value]) => [field, promptField(definition, field, value)] as const);
  const given = { ...variables, [wanted.variable]: wanted.executionId };
  const faults = [
    ...read.flatMap(([, result]) => ('reason' in result ? [result] : [])),
    ...ownVariableFaults(definition, wanted, variables),
    ...surveyFaults(definition, given),
    ...unaskedFaults(definition, wanted, given),
    ...secretFaults(definition, wanted),
    ...startFaults(
      definition,
      fields.map(([field]) => field),
    ),
  ];
  if (faults.length > 0) return { ok: false, faults };
  const prompted = read.flatMap(([field, result]) =>
    'value' in result ? [[field, result.value] as const] : [],
  );
  const answers = Object.entries(given).map(([name, value]) => [
    name,
    answerTo(questionOf(definition, name), value),
  ]);
  return { ok: true, body: { ...Object.fromEntries(prompted), extra_vars: Object.fromEntries(answers) } };
}

const questionOf = ({ survey }: Definition, name: string): Question | undefined =>
  survey.find(({ variable }) => variable === name);

/** Our variable has to come back as it was sent. */
function ownVariableFaults(
  definition: Definition,
  { variable }: Wanted,
  variables: Readonly<Record<string, Scalar>>,
): Fault[] {
  if (Object.hasOwn(variables, variable))
    return [
      {
        reason: `${variable} carries the execution id and is no parameter`,
        fix: `Give the parameter ${variable} of the runbook another name.`,
      },
    ];
  if (questionOf(definition, variable)?.type !== 'password') return [];
  return [
    {
      reason: `the survey hides ${variable}, so the job could not be found again`,
      fix: `Make the survey question ${variable} one of type text.`,
    },
  ];
}

function surveyFaults({ survey }: Definition, given: Readonly<Record<string, Scalar>>): Fault[] {
  return survey.flatMap((question) => {
    const value = Object.hasOwn(given, question.variable) ? given[question.variable] : undefined;
    if (value !== undefined) {
      const reason = complaint(question, value);
      return reason === undefined ? [] : [{ reason, fix: `Correct ${question.variable} in the runbook.` }];
    }
    if (!question.required) return [];
    return [
      {
        reason: `the survey requires ${question.variable}`,
        fix: `Give ${question.variable} in the step's "with"; AWX takes no default at launch for a required question.`,
      },
    ];
  });
}

/** Variables that would be dropped without a word. */
function unaskedFaults(
  { form, survey }: Definition,
  { variable }: Wanted,
  given: Readonly<Record<string, Scalar>>,
): Fault[] {
  if (form.ask_variables_on_launch) return [];
  const dropped = Object.keys(given).filter((name) => !survey.some((question) => question.variable === name));
  if (dropped.length === 0) return [];
  const own = dropped.includes(variable) ? ` ${variable} carries the execution id.` : '';
  return [
    {
      reason: `the template would ignore the variables ${dropped.join(', ')}`,
      fix: `Add survey questions for ${dropped.join(', ')}, or tick "Prompt on launch" for variables on the template.${own}`,
    },
  ];
}

/** AWX shows variables to everybody who may see the job, except the answers to password questions. */
function secretFaults(definition: Definition, { secret }: Wanted): Fault[] {
  return secret
    .filter((name) => questionOf(definition, name)?.type !== 'password')
    .map((name) => ({
      reason: `AWX would show the secret ${name} to everybody who may see the job`,
      fix: `Make ${name} a survey question of type password on the template, or give the job a credential instead.`,
    }));
}

/** What only a person at AWX can give, or would be ignored inside a workflow. */
function startFaults({ form }: Definition, fields: readonly string[]): Fault[] {
  const faults: Fault[] = [];
  if (form.passwords_needed_to_start.length > 0)
    faults.push({
      reason: `somebody would have to type ${form.passwords_needed_to_start.join(', ')} at launch`,
      fix: 'Store the passwords in the credentials of the template.',
    });
  if (form.inventory_needed_to_start && !fields.includes('inventory'))
    faults.push({
      reason: 'the template has no inventory',
      fix: 'Give the template an inventory, or launch.inventory with its id in the runbook.',
    });
  if (form.node_templates_missing.length > 0)
    faults.push({
      reason: `${form.node_templates_missing.length} nodes of the workflow have no template any more`,
      fix: 'Repair the workflow in AWX.',
    });
  if (form.node_prompts_rejected.length > 0)
    faults.push({
      reason: `${form.node_prompts_rejected.length} nodes of the workflow have settings that their template would ignore`,
      fix: 'Tick "Prompt on launch" on the templates of these nodes, or remove the settings from the nodes.',
    });
  return faults;
}
