import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import { type AwxApi, awxRefusal, firstRows, isMissing } from './awx-api.ts';
import { type JobName, resources } from './awx-job-name.ts';
import { readAnswer } from './http.ts';

const Row = z.object({
  id: z.number().int().positive(),
  name: z.string(),
  summary_fields: z
    .object({
      organization: z.object({ name: z.string() }).optional(),
      user_capabilities: z.object({ start: z.boolean() }).partial().optional(),
    })
    .optional(),
});
type Row = z.infer<typeof Row>;

const Strings = z.array(z.string()).default([]);
const Data = z.object({ id: z.number().int(), name: z.string() });
/** What `…/launch/` says a launch may and must have (JobLaunchSerializer, WorkflowJobLaunchSerializer). */
export const LaunchForm = z.looseObject({
  survey_enabled: z.boolean(),
  ask_variables_on_launch: z.boolean(),
  passwords_needed_to_start: Strings,
  inventory_needed_to_start: z.boolean().default(false),
  /** Nodes of a workflow whose template is gone, or whose own settings their template would ignore. */
  node_templates_missing: z.array(z.unknown()).default([]),
  node_prompts_rejected: z.array(z.unknown()).default([]),
  job_template_data: Data.optional(),
  workflow_job_template_data: Data.optional(),
});
export type LaunchForm = z.infer<typeof LaunchForm>;

const Bound = z.union([z.number(), z.string()]).nullish();
export const Question = z.object({
  variable: z.string(),
  type: z.string(),
  required: z.boolean().default(false),
  min: Bound,
  max: Bound,
  choices: z.union([z.string(), z.array(z.union([z.string(), z.number()]))]).nullish(),
});
export type Question = z.infer<typeof Question>;
const Survey = z.object({ spec: z.array(Question).default([]) });

/** A template and everything that decides whether a launch is taken as it is. */
export type Definition = {
  readonly kind: JobName['kind'];
  readonly id: number;
  readonly form: LaunchForm;
  readonly survey: readonly Question[];
};

const subjectOf = ({ kind, written }: JobName) => `${resources[kind].words} ${written}`;

/** The one template of that name. AWX may ignore part of a query, so every row is checked. */
async function lookUp(api: AwxApi, wanted: Extract<JobName, { title: string }>): Promise<Row> {
  const { kind, title, organization } = wanted;
  const query = { name: title, ...(organization === undefined ? {} : { organization__name: organization }) };
  const { results } = await firstRows(api, `${resources[kind].templates}/`, subjectOf(wanted), Row, query);
  const fits = results.filter(
    (row) =>
      row.name === title &&
      (organization === undefined || row.summary_fields?.organization?.name === organization),
  );
  const [only] = fits;
  if (only !== undefined && fits.length === 1) return only;
  throw new AppError({
    code: 'target-refused',
    message: `${api.name} has ${fits.length === 0 ? 'no' : String(fits.length)} ${subjectOf(wanted)}`,
    fix:
      fits.length === 0
        ? `Check the name in the runbook, and that the user of ${api.name} may read the template.`
        : `Name the organization (job:${title}++<organization>) or the id (job:${only?.id}) in the runbook.`,
  });
}

function isOf(form: LaunchForm, wanted: JobName, id: number): boolean {
  const data = wanted.kind === 'job' ? form.job_template_data : form.workflow_job_template_data;
  if (data === undefined) return true;
  return data.id === id && (wanted.id !== undefined || data.name === wanted.title);
}

const maxAgeMs = 60_000;
type Kept<T> = { readonly value: T; readonly at: number };

/** Reads templates. Names and surveys are remembered for a minute: AWX checks a survey again, and a name is checked with each form. */
export function templateReader(now: () => number) {
  const rows = new Map<string, Kept<Row>>();
  const surveys = new Map<string, Kept<readonly Question[]>>();
  const fresh = <T>(kept: Kept<T> | undefined): T | undefined =>
    kept !== undefined && now() - kept.at < maxAgeMs ? kept.value : undefined;

  async function idOf(api: AwxApi, wanted: JobName): Promise<number> {
    if (wanted.id !== undefined) return wanted.id;
    const row = fresh(rows.get(wanted.written)) ?? (await lookUp(api, wanted));
    rows.set(wanted.written, { value: row, at: now() });
    return row.id;
  }

  /** The form of a template; undefined when the id stands for another template now than the name does. */
  async function formOf(api: AwxApi, wanted: JobName, id: number): Promise<LaunchForm | undefined> {
    const { templates } = resources[wanted.kind];
    const subject = subjectOf(wanted);
    const answer = await api.read(`${templates}/${id}/launch/`, subject);
    if (isMissing(answer) && wanted.id === undefined) return undefined;
    if (answer.status !== 200) throw awxRefusal(api.name, answer, { posted: false, subject }, api.mask);
    const form = readAnswer(api.name, answer, LaunchForm, false);
    return isOf(form, wanted, id) ? form : undefined;
  }

  async function surveyOf(api: AwxApi, wanted: JobName, id: number): Promise<readonly Question[]> {
    const path = `${resources[wanted.kind].templates}/${id}/survey_spec/`;
    const survey =
      fresh(surveys.get(wanted.written)) ?? (await api.get(path, subjectOf(wanted), Survey)).spec;
    surveys.set(wanted.written, { value: survey, at: now() });
    return survey;
  }

  return {
    /** Throws `target-refused` when there is no such template or more than one. */
    async definition(api: AwxApi, wanted: JobName): Promise<Definition> {
      let id = await idOf(api, wanted);
      let form = await formOf(api, wanted, id);
      if (form === undefined) {
        // it was deleted or renamed since the name was looked up
        rows.delete(wanted.written);
        surveys.delete(wanted.written);
        id = await idOf(api, wanted);
        form = await formOf(api, wanted, id);
      }
      if (form === undefined) throw changing(api.name, subjectOf(wanted));
      const survey = form.survey_enabled ? await surveyOf(api, wanted, id) : [];
      return { kind: wanted.kind, id, form, survey };
    },
    /** Forgets what is remembered of a template, so that the next reading is of now. */
    forget(written: string): void {
      rows.delete(written);
      surveys.delete(written);
    },
    /** Whether the user may start it, which the search for a name tells as well; undefined when AWX does not say. */
    async mayStart(api: AwxApi, wanted: JobName, id: number): Promise<boolean | undefined> {
      const told = fresh(rows.get(wanted.written))?.summary_fields?.user_capabilities?.start;
      if (told !== undefined) return told;
      const row = await api.get(`${resources[wanted.kind].templates}/${id}/`, subjectOf(wanted), Row);
      return row.summary_fields?.user_capabilities?.start;
    },
  };
}

const changing = (name: string, subject: string) =>
  new AppError({
    code: 'target-refused',
    message: `${name} shows ${subject} under another name or id`,
    fix: 'Check the template in AWX; somebody is changing it. Then try again.',
    retryable: true,
  });
