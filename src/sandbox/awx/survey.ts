import { asksFor, type Question, type Template } from './templates.ts';

type Values = Readonly<Record<string, unknown>>;

/** A value as Python prints it inside a message. */
function printed(value: unknown): string {
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (value === null) return 'None';
  if (Array.isArray(value)) return `[${value.map((one) => `'${String(one)}'`).join(', ')}]`;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** What is wrong with the answer to one question, in the words of AWX (awx/main/models/mixins.py, _survey_element_validation). */
function complaints(question: Question, values: Values): string[] {
  const { variable, type, required = false } = question;
  if (!Object.hasOwn(values, variable)) return required ? [`'${variable}' value missing`] : [];
  const value = values[variable];
  switch (type) {
    case 'text':
    case 'textarea':
    case 'password':
      return typeof value === 'string' ? badLength(question, value) : [expected(question, value, 'a string')];
    case 'integer':
      return Number.isInteger(value)
        ? outOfRange(question, Number(value))
        : [expected(question, value, 'an integer')];
    case 'float':
      return typeof value === 'number'
        ? outOfRange(question, value)
        : [expected(question, value, 'a numeric type')];
    case 'multiselect':
      if (!Array.isArray(value)) return [`'${variable}' value is expected to be a list.`];
      return value.flatMap((one) => notAChoice(question, one));
    case 'multiplechoice':
      return notAChoice(question, value);
  }
}

const expected = ({ variable }: Question, value: unknown, what: string) =>
  `Value ${printed(value)} for '${variable}' expected to be ${what}.`;

function badLength({ variable, min, max }: Question, value: string): string[] {
  if (min !== undefined && [...value].length < min)
    return [`'${variable}' value ${value} is too small (length is ${value.length} must be at least ${min}).`];
  if (max !== undefined && [...value].length > max)
    return [`'${variable}' value ${value} is too large (must be no more than ${max}).`];
  return [];
}

function outOfRange({ variable, min, max }: Question, value: number): string[] {
  if (min !== undefined && value < min)
    return [`'${variable}' value ${value} is too small (must be at least ${min}).`];
  if (max !== undefined && value > max)
    return [`'${variable}' value ${value} is too large (must be no more than ${max}).`];
  return [];
}

function notAChoice({ variable, choices = [] }: Question, value: unknown): string[] {
  if (choices.some((choice) => choice === value)) return [];
  return [`Value ${printed(value)} for '${variable}' expected to be one of ${printed(choices)}.`];
}

/** Sorts the variables of a launch into those that count and those that are ignored (mixins.py, _accept_or_ignore_variables). */
export function sortVariables(template: Template, variables: Values) {
  const left = { ...variables };
  const accepted: Record<string, unknown> = {};
  const ignored: Record<string, unknown> = {};
  const errors: string[] = [];
  for (const question of template.survey ?? []) {
    const wrong = complaints(question, variables);
    errors.push(...wrong);
    if (!Object.hasOwn(left, question.variable)) continue;
    (wrong.length === 0 ? accepted : ignored)[question.variable] = left[question.variable];
    delete left[question.variable];
  }
  if (asksFor(template, 'variables')) return { accepted: { ...accepted, ...left }, ignored, errors };
  for (const [name, value] of Object.entries(left))
    if (template.extraVars?.[name] !== value) ignored[name] = value;
  return { accepted, ignored, errors };
}

/** The variables a job runs with: the template's, the survey's defaults, then those of the launch. */
export function combined(template: Template, accepted: Values): Record<string, unknown> {
  const defaults = (template.survey ?? [])
    .filter((question) => question.default !== undefined)
    .map((question) => [question.variable, question.default] as const);
  return { ...template.extraVars, ...Object.fromEntries(defaults), ...accepted };
}

/** The survey as `survey_spec/` shows it. */
export function surveySpec({ survey = [] }: Template) {
  if (survey.length === 0) return {};
  return {
    name: '',
    description: '',
    spec: survey.map((question) => ({
      question_name: question.variable,
      question_description: '',
      required: question.required ?? false,
      type: question.type,
      variable: question.variable,
      min: question.min ?? null,
      max: question.max ?? null,
      default: question.type === 'password' && question.default ? '$encrypted$' : (question.default ?? ''),
      choices: question.choices ?? '',
      new_question: true,
    })),
  };
}

export const passwordVariables = ({ survey = [] }: Template): readonly string[] =>
  survey.filter(({ type }) => type === 'password').map(({ variable }) => variable);
