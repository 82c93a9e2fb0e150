import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import { readAnswer } from './http.ts';
import { isMissing, type RundeckApi, rundeckRefusal } from './rundeck-api.ts';

/** A job as a runbook names it. */
type JobRef = {
  /** As it stands in the runbook, for people. */
  readonly written: string;
} & (
  | { readonly id: string }
  | { readonly id?: undefined; readonly project: string; readonly group: string; readonly title: string }
);

const Id = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/);

/** Reads what a runbook's `job` says: the job's UUID, or `project/group/name` (`project/name` without a group). */
export function jobRef(target: string, written: string): JobRef {
  if (Id.safeParse(written).success) return { written, id: written };
  const [project = '', ...path] = written.split('/');
  const title = path.pop() ?? '';
  if ([project, title, ...path].every((part) => part.trim() !== '') && !/^\.+$/.test(project))
    return { written, project, group: path.join('/'), title };
  throw new AppError({
    code: 'target-refused',
    message: `"${written}" names no job of ${target}`,
    fix: 'Write the UUID of the job, or project/group/name, in the runbook.',
  });
}

/** Rundeck writes booleans of a job as such or as text. */
const Flag = z.union([z.boolean(), z.string()]).nullish();
const isOn = (flag: z.infer<typeof Flag>): boolean => flag === true || flag === 'true';

const Option = z.object({
  name: z.string(),
  required: Flag.transform(isOn),
  enforced: Flag.transform(isOn),
  secure: Flag.transform(isOn),
  multivalued: Flag.transform(isOn),
  multivalueAllSelected: Flag.transform(isOn),
  delimiter: z.string().nullish(),
  regex: z.string().nullish(),
  /** The default. */
  value: z.union([z.string(), z.number(), z.boolean()]).nullish(),
  /** Where in the key storage the default of a secure option is. */
  storagePath: z.string().nullish(),
  values: z.array(z.union([z.string(), z.number(), z.boolean()]).transform(String)).nullish(),
  type: z.string().nullish(),
});
export type Option = z.infer<typeof Option>;

/** A job in Rundeck's job-json format (API 44 and newer), as far as it decides whether a run is taken as it is. */
const Definition = z.object({
  id: z.string().nullish(),
  uuid: z.string().nullish(),
  name: z.string(),
  group: z.string().nullish(),
  options: z
    .array(Option)
    .nullish()
    .transform((options) => options ?? []),
  executionEnabled: z
    .union([z.boolean(), z.string()])
    .nullish()
    .transform((flag) => flag !== false && flag !== 'false'),
  nodesSelectedByDefault: z
    .union([z.boolean(), z.string()])
    .nullish()
    .transform((flag) => flag !== false && flag !== 'false'),
  nodefilters: z
    .object({ dispatch: z.object({ successOnEmptyNodeFilter: Flag }).nullish() })
    .nullish()
    .transform((filters) => ({ emptyIsSuccess: isOn(filters?.dispatch?.successOnEmptyNodeFilter) })),
});
export type Definition = z.infer<typeof Definition> & { readonly key: string };

const Row = z.object({ id: Id, name: z.string(), group: z.string().nullish() });

/** The one job of that name. Rundeck may ignore a filter it does not know, so every row is checked. */
async function lookUp(api: RundeckApi, ref: Extract<JobRef, { title: string }>): Promise<string> {
  const path = `/project/${encodeURIComponent(ref.project)}/jobs`;
  const rows = await api.get(path, `job ${ref.written}`, z.array(Row), {
    jobExactFilter: ref.title,
    groupPathExact: ref.group === '' ? '-' : ref.group,
  });
  const fits = rows.filter(({ name, group }) => name === ref.title && (group ?? '') === ref.group);
  const [only] = fits;
  if (only !== undefined && fits.length === 1) return only.id;
  throw new AppError({
    code: 'target-refused',
    message: `${api.name} has ${fits.length === 0 ? 'no' : String(fits.length)} job ${ref.written}`,
    fix:
      fits.length === 0
        ? `Check project, group and name in the runbook, and that the token of ${api.name} may read the job.`
        : `Write the UUID of the job in the runbook, such as ${only?.id}.`,
  });
}

const maxAgeMs = 60_000;

/** Reads jobs. The UUID of a name is remembered for a minute, and checked with each definition. */
export function jobReader(now: () => number) {
  const ids = new Map<string, { readonly id: string; readonly at: number }>();

  async function keyOf(api: RundeckApi, ref: JobRef): Promise<string> {
    if (ref.id !== undefined) return ref.id;
    const kept = ids.get(ref.written);
    if (kept !== undefined && now() - kept.at < maxAgeMs) return kept.id;
    const id = await lookUp(api, ref);
    ids.set(ref.written, { id, at: now() });
    return id;
  }

  /** The job with this UUID; undefined when it bears another name now, or is gone. */
  async function read(api: RundeckApi, ref: JobRef, key: string): Promise<Definition | undefined> {
    const subject = `job ${ref.written}`;
    const answer = await api.read(`/job/${encodeURIComponent(key)}`, subject);
    if (isMissing(answer) && ref.id === undefined) return undefined;
    if (answer.status !== 200) throw rundeckRefusal(api.name, answer, { posted: false, subject }, api.mask);
    const [definition] = readAnswer(api.name, answer, z.array(Definition).length(1), false);
    if (definition === undefined || !isOf(definition, ref, key)) return undefined;
    return { ...definition, key };
  }

  return {
    /** Throws `target-refused` when there is no such job or more than one. */
    async definition(api: RundeckApi, ref: JobRef): Promise<Definition> {
      const known = ids.has(ref.written);
      const found = await read(api, ref, await keyOf(api, ref));
      if (found !== undefined) return found;
      // it was renamed, moved or deleted since its name was looked up
      ids.delete(ref.written);
      const again = known ? await read(api, ref, await keyOf(api, ref)) : undefined;
      if (again !== undefined) return again;
      throw changing(api.name, ref.written);
    },
    /** Forgets the UUID of a name, so that the next reading is of now. */
    forget: (written: string): void => void ids.delete(written),
  };
}

function isOf({ id, uuid, name, group }: z.infer<typeof Definition>, ref: JobRef, key: string): boolean {
  if ((uuid ?? id ?? key) !== key) return false;
  return ref.id !== undefined || (name === ref.title && (group ?? '') === ref.group);
}

const changing = (name: string, written: string) =>
  new AppError({
    code: 'target-refused',
    message: `${name} shows job ${written} under another name or UUID`,
    fix: 'Check the job in Rundeck; somebody is changing it. Then try again.',
    retryable: true,
  });
