import type { Scalar } from '../../domain/runbook.ts';
import type { Log } from '../ops-api/job-runner.ts';

/** What a playbook did on one host, as Ansible counts it. */
export type HostStats = {
  readonly ok?: number;
  readonly changed?: number;
  readonly failures?: number;
  /** Unreachable. */
  readonly dark?: number;
};
/** What a job leaves behind besides its log. */
export type Leave = {
  /** As a playbook does with set_stats. */
  readonly artifacts: (values: Readonly<Record<string, unknown>>) => void;
  /** Without any call, every host that the job ran on is ok, or failed when the job throws. */
  readonly host: (name: string, stats: HostStats) => void;
};
/** A playbook: it works, or throws with the reason it failed. */
export type Playbook = (
  variables: Readonly<Record<string, Scalar>>,
  log: Log,
  signal: AbortSignal,
  leave: Leave,
) => Promise<void>;

export const surveyTypes = [
  'text',
  'textarea',
  'password',
  'integer',
  'float',
  'multiplechoice',
  'multiselect',
] as const;
/** A question of a survey, as AWX keeps it. */
export type Question = {
  readonly variable: string;
  readonly type: (typeof surveyTypes)[number];
  readonly required?: boolean;
  readonly default?: string | number;
  readonly min?: number;
  readonly max?: number;
  readonly choices?: readonly string[];
};

/** What a template may ask for at launch, and the field of the launch body that each flag lets through. */
export const prompts = {
  variables: 'extra_vars',
  limit: 'limit',
  inventory: 'inventory',
  job_type: 'job_type',
  verbosity: 'verbosity',
  tags: 'job_tags',
  skip_tags: 'skip_tags',
  diff_mode: 'diff_mode',
  scm_branch: 'scm_branch',
  credential: 'credentials',
  execution_environment: 'execution_environment',
  labels: 'labels',
  forks: 'forks',
  job_slice_count: 'job_slice_count',
  timeout: 'timeout',
  instance_groups: 'instance_groups',
} as const;
export type Prompt = keyof typeof prompts;
/** Those a workflow template knows; other fields of a launch are dropped without a word. */
export const workflowPrompts = [
  'variables',
  'limit',
  'inventory',
  'tags',
  'skip_tags',
  'scm_branch',
  'labels',
] as const;

type Common = {
  readonly name: string;
  readonly organization?: string;
  readonly asks?: readonly Prompt[];
  readonly survey?: readonly Question[];
  readonly extraVars?: Readonly<Record<string, Scalar>>;
  /** May run beside itself; otherwise a second job waits in `pending`. */
  readonly allowSimultaneous?: boolean;
  /** The user of the token may see it and not start it. */
  readonly mayNotStart?: boolean;
};
export type JobTemplate = Common & {
  readonly playbook: Playbook;
  /** The hosts of its inventory; `null` when it has no inventory. */
  readonly hosts: readonly string[] | null;
  /** Passwords that somebody has to type at every launch. */
  readonly passwordsNeeded?: readonly string[];
};
export type WorkflowNode = {
  readonly identifier: string;
  /** Name of a job template. */
  readonly template: string;
  /** Runs when the named node ended so; without it at the start. */
  readonly after?: { readonly node: string; readonly on: 'success' | 'failure' | 'always' };
};
export type WorkflowTemplate = Common & { readonly nodes: readonly WorkflowNode[] };

export type Template =
  | (JobTemplate & { readonly kind: 'job'; readonly id: number })
  | (WorkflowTemplate & { readonly kind: 'workflow'; readonly id: number });
export type Templates = ReturnType<typeof templateTable>;

/** Templates with their ids: those of AWX count both kinds in one sequence, after the demo template and its project. */
export function templateTable(jobs: readonly JobTemplate[], workflows: readonly WorkflowTemplate[]) {
  const all: readonly Template[] = [
    ...jobs.map((template, n) => ({ ...template, kind: 'job' as const, id: 8 + n })),
    ...workflows.map((template, n) => ({ ...template, kind: 'workflow' as const, id: 8 + jobs.length + n })),
  ];
  return {
    all: (kind: Template['kind']) => all.filter((template) => template.kind === kind),
    get: (id: number) => all.find((template) => template.id === id),
    jobNamed(name: string): Extract<Template, { kind: 'job' }> {
      for (const template of all) if (template.kind === 'job' && template.name === name) return template;
      throw new TypeError(`there is no job template ${name}`);
    },
  };
}

export const asksFor = (template: Template, prompt: Prompt): boolean =>
  template.asks?.includes(prompt) ?? false;
