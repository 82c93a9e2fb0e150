import type { Answer, Ask } from '../ops-api/loopback.ts';
import { flags } from './present.ts';
import { detail } from './rows.ts';
import { sortVariables } from './survey.ts';
import { asksFor, type Prompt, prompts, type Template, workflowPrompts } from './templates.ts';

type Body = Readonly<Record<string, unknown>>;
export type Accepted = {
  readonly variables: Record<string, unknown>;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly ignored: Readonly<Record<string, unknown>>;
};

const data = ({ id, name }: Template) => ({ name, id, description: '' });

/** `GET …/launch/`: what a launch would be asked for. */
export function launchForm(template: Template): Answer {
  const needed = (template.survey ?? []).filter(({ required }) => required).map(({ variable }) => variable);
  const common = {
    ...flags(template),
    survey_enabled: (template.survey ?? []).length > 0,
    variables_needed_to_start: needed,
    defaults: {
      extra_vars: JSON.stringify(template.extraVars ?? {}),
      limit: '',
      job_tags: '',
      skip_tags: '',
    },
  };
  if (template.kind === 'workflow')
    return {
      status: 200,
      json: {
        ...common,
        can_start_without_user_input: needed.length === 0,
        node_templates_missing: [],
        node_prompts_rejected: [],
        workflow_job_template_data: data(template),
      },
    };
  const passwords = template.passwordsNeeded ?? [];
  return {
    status: 200,
    json: {
      ...common,
      can_start_without_user_input: needed.length + passwords.length === 0 && template.hosts !== null,
      passwords_needed_to_start: passwords,
      credential_needed_to_start: false,
      inventory_needed_to_start: template.hosts === null,
      job_template_data: data(template),
    },
  };
}

/** What is wrong with the form of a field, in the words of Django REST framework. */
const malformed: Readonly<Record<string, (value: unknown) => string | undefined>> = {
  limit: (value) => (typeof value === 'string' || value === null ? undefined : 'Not a valid string.'),
  job_tags: (value) => (typeof value === 'string' ? undefined : 'Not a valid string.'),
  skip_tags: (value) => (typeof value === 'string' ? undefined : 'Not a valid string.'),
  job_type: (value) =>
    value === 'run' || value === 'check' ? undefined : `"${String(value)}" is not a valid choice.`,
  verbosity: (value) =>
    [0, 1, 2, 3, 4, 5].includes(Number(value)) ? undefined : `"${String(value)}" is not a valid choice.`,
  forks: (value) => (Number.isInteger(Number(value)) ? undefined : 'A valid integer is required.'),
  timeout: (value) => (Number.isInteger(Number(value)) ? undefined : 'A valid integer is required.'),
  job_slice_count: (value) => (Number.isInteger(Number(value)) ? undefined : 'A valid integer is required.'),
  diff_mode: (value) => (typeof value === 'boolean' ? undefined : 'Must be a valid boolean.'),
  inventory: (value) => (value === 1 ? undefined : `Invalid pk "${String(value)}" - object does not exist.`),
};

/** Variables of a launch: an object, or JSON in a string. */
function variablesOf(body: Body): Record<string, unknown> | undefined {
  const given = body['extra_vars'] ?? {};
  if (typeof given === 'object' && !Array.isArray(given)) return { ...given };
  try {
    const parsed: unknown = JSON.parse(String(given) || '{}');
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : undefined;
  } catch {
    return undefined;
  }
}

/** Sorts the fields of a launch other than variables. One that the template does not ask for is ignored, not refused. */
function sortFields(template: Template, body: Body, ignore: readonly string[]) {
  const known: readonly Prompt[] =
    template.kind === 'job' ? (Object.keys(prompts) as Prompt[]) : workflowPrompts;
  const accepted: Record<string, unknown> = {};
  const ignored: Record<string, unknown> = {};
  for (const prompt of known) {
    const field = prompts[prompt];
    const value = body[field];
    // the same as the template's own value counts as neither
    if (field === 'extra_vars' || value === undefined || value === null || value === '') continue;
    const taken = asksFor(template, prompt) && !ignore.includes(field);
    (taken ? accepted : ignored)[field] = value;
  }
  return { accepted, ignored };
}

const notAllowed = (names: readonly string[], template: Template) =>
  `Variables ${names.join(', ')} are not allowed on launch. Check the Prompt on Launch setting on the ${
    template.kind === 'job' ? 'Job Template' : 'Workflow Job Template'
  } to include Extra Variables.`;

/** Variables sorted, with those the disturbance wants ignored taken out. */
function sortGiven(template: Template, given: Body, ignore: readonly string[]) {
  const { accepted, ignored, errors } = sortVariables(template, given);
  const lost = Object.entries(accepted).filter(([name]) => ignore.includes(name));
  const kept = Object.entries(accepted).filter(([name]) => !ignore.includes(name));
  return { accepted: Object.fromEntries(kept), ignored: { ...ignored, ...Object.fromEntries(lost) }, errors };
}

type Errors = Record<string, readonly string[]>;
type Sorted = { readonly accepted: Body; readonly ignored: Body };

/** A workflow template refuses what it does not ask for. */
function workflowErrors(template: Template, fields: Sorted, variables: Sorted): Errors {
  const unasked = Object.keys(variables.ignored);
  const prompts = Object.keys(fields.ignored).map((field) => [
    field,
    ['Field is not configured to prompt on launch.'],
  ]);
  const errors = Object.fromEntries(prompts) as Errors;
  return unasked.length === 0 ? errors : { ...errors, extra_vars: [notAllowed(unasked, template)] };
}

function jobErrors(template: Template & { kind: 'job' }, body: Body, { accepted }: Sorted): Errors {
  const errors: Errors = {};
  if (template.hosts === null && accepted['inventory'] === undefined)
    errors['resources_needed_to_start'] = ['Job Template inventory is missing or undefined.'];
  const passwords = (template.passwordsNeeded ?? []).filter((name) => !hasPassword(body, name));
  if (passwords.length > 0) errors['passwords_needed_to_start'] = passwords;
  return errors;
}

/** The fields whose form is wrong, in the words of AWX. */
function formErrors(body: Body): Errors {
  const errors: Errors = {};
  for (const [field, wrong] of Object.entries(malformed)) {
    const complaint = body[field] === undefined ? undefined : wrong(body[field]);
    if (complaint !== undefined) errors[field] = [complaint];
  }
  if (variablesOf(body) === undefined)
    errors['extra_vars'] = ['Cannot parse as JSON (error: Expecting value) or YAML (error: not a mapping).'];
  return errors;
}

const isObject = (value: unknown): value is Body =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const hasErrors = (errors: Errors) => Object.keys(errors).length > 0;

/**
 * `POST …/launch/`: what is accepted and what is ignored, or the refusal. A job template ignores what it does not ask for
 * and starts; a workflow template refuses it (JobLaunchSerializer and WorkflowJobLaunchSerializer of awx/api/serializers.py).
 */
export function judgeLaunch(template: Template, ask: Ask, ignore: readonly string[]): Accepted | Answer {
  if (template.mayNotStart) return detail(403, 'You do not have permission to perform this action.');
  const body = ask.json ?? {};
  if (!isObject(body)) return detail(400, 'JSON parse error - expected an object');
  const wrong = formErrors(body);
  if (hasErrors(wrong)) return { status: 400, json: wrong };

  const fields = sortFields(template, body, ignore);
  const variables = sortGiven(template, variablesOf(body) ?? {}, ignore);
  const errors: Errors = {
    ...(template.kind === 'job'
      ? jobErrors(template, body, fields)
      : workflowErrors(template, fields, variables)),
    ...(variables.errors.length === 0 ? {} : { variables_needed_to_start: variables.errors }),
  };
  if (hasErrors(errors)) return { status: 400, json: errors };
  const ignored = Object.keys(variables.ignored).length === 0 ? {} : { extra_vars: variables.ignored };
  return {
    variables: variables.accepted,
    fields: fields.accepted,
    ignored: { ...fields.ignored, ...ignored },
  };
}

function hasPassword(body: Body, name: string): boolean {
  const given = body['credential_passwords'];
  return Object.hasOwn(typeof given === 'object' && given !== null ? given : body, name);
}
