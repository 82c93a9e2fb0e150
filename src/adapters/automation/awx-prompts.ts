import type { Scalar } from '../../domain/runbook.ts';
import type { Definition } from './awx-template.ts';
import type { Fault } from './faults.ts';

type Read = (value: Scalar) => unknown;
type Prompt = {
  /** The flag of the template that lets it through; without it AWX starts the job and ignores the field. */
  readonly flag: string;
  /** The value as AWX wants it; undefined when it does not fit. */
  readonly read: Read;
  readonly wants: string;
  /** A workflow template knows it too. */
  readonly workflow?: true;
};

const text: Pick<Prompt, 'read' | 'wants'> = {
  read: (value) => (typeof value === 'string' && value.trim() !== '' ? value : undefined),
  wants: 'a text',
};
const whole: Pick<Prompt, 'read' | 'wants'> = {
  read: (value) =>
    String(value).trim() !== '' && Number.isSafeInteger(Number(value)) && Number(value) >= 0
      ? Number(value)
      : undefined,
  wants: 'a whole number',
};
const ids: Pick<Prompt, 'read' | 'wants'> = {
  read: (value) => {
    const parts = String(value).split(',');
    return parts.every((part) => /^\s*\d{1,15}\s*$/.test(part)) ? parts.map(Number) : undefined;
  },
  wants: 'ids such as 3,5',
};

/** Fields of a launch beside the variables, as runbooks write them: `launch.limit: web01`. */
const prompts: Readonly<Record<string, Prompt>> = {
  limit: { flag: 'ask_limit_on_launch', ...text, workflow: true },
  inventory: { flag: 'ask_inventory_on_launch', ...whole, workflow: true },
  scm_branch: { flag: 'ask_scm_branch_on_launch', ...text, workflow: true },
  job_tags: { flag: 'ask_tags_on_launch', ...text, workflow: true },
  skip_tags: { flag: 'ask_skip_tags_on_launch', ...text, workflow: true },
  labels: { flag: 'ask_labels_on_launch', ...ids, workflow: true },
  job_type: {
    flag: 'ask_job_type_on_launch',
    read: (value) => (value === 'run' || value === 'check' ? value : undefined),
    wants: 'run or check',
  },
  verbosity: {
    flag: 'ask_verbosity_on_launch',
    read: (value) => (/^[0-5]$/.test(String(value)) ? Number(value) : undefined),
    wants: 'a number from 0 to 5',
  },
  diff_mode: {
    flag: 'ask_diff_mode_on_launch',
    read: (value) => (typeof value === 'boolean' ? value : undefined),
    wants: 'true or false',
  },
  credentials: { flag: 'ask_credential_on_launch', ...ids },
  execution_environment: { flag: 'ask_execution_environment_on_launch', ...whole },
  instance_groups: { flag: 'ask_instance_groups_on_launch', ...ids },
  forks: { flag: 'ask_forks_on_launch', ...whole },
  job_slice_count: { flag: 'ask_job_slice_count_on_launch', ...whole },
  timeout: { flag: 'ask_timeout_on_launch', ...whole },
};

const before = 'launch.';

/** Parameters of a step, sorted: fields of the launch (`launch.limit`), and variables of the playbook. */
export function sortParameters(parameters: Readonly<Record<string, Scalar>>) {
  const entries = Object.entries(parameters);
  const fields = entries
    .filter(([name]) => name.startsWith(before))
    .map(([name, value]) => [name.slice(before.length), value] as const);
  const variables = entries.filter(([name]) => !name.startsWith(before));
  return { fields, variables: Object.fromEntries(variables) as Record<string, Scalar> };
}

/** A field as AWX gets it, or why it would not be taken as it is. */
export function promptField(
  { kind, form }: Definition,
  field: string,
  value: Scalar,
): { readonly value: unknown } | Fault {
  const prompt = Object.hasOwn(prompts, field) ? prompts[field] : undefined;
  if (prompt === undefined || (kind === 'workflow' && !prompt.workflow))
    return {
      reason: `a ${kind} launch has no field ${field}`,
      fix: `Remove ${before}${field} from the runbook; known are ${Object.keys(prompts).join(', ')}.`,
    };
  if (form[prompt.flag] !== true)
    return {
      reason: `the template would ignore ${field}, and run without it`,
      fix: `Tick "Prompt on launch" for ${field} on the template (${prompt.flag}), or remove ${before}${field} from the runbook.`,
    };
  const read = prompt.read(value);
  if (read !== undefined) return { value: read };
  return {
    reason: `the launch wants ${prompt.wants} for ${field}`,
    fix: `Correct ${before}${field} in the runbook.`,
  };
}
