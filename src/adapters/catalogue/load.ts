import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { AppError, messageOf } from '../../domain/errors.ts';
import { digest, type Json } from '../../domain/json.ts';
import { type LoadedPolicy, Policy } from '../../domain/policy.ts';
import { type LoadedRunbook, Runbook } from '../../domain/runbook.ts';
import { inconsistencies } from './check.ts';
import { invalid } from './invalid.ts';
import { type Fault, type ReadFile, readYaml } from './read-yaml.ts';

export type LoadedCatalogue = {
  readonly runbooks: ReadonlyMap<string, LoadedRunbook>;
  readonly policy: LoadedPolicy;
};

/** Files of the folder with a schema of their own. */
const notRunbooks = ['policy.yaml', 'servicenow.yaml'];

/** True for the name of a file that holds a runbook. */
export const isRunbookFile = (name: string): boolean => isYaml(name) && !notRunbooks.includes(name);

const isYaml = (name: string): boolean => name.endsWith('.yaml') && !name.endsWith('.test.yaml');

/**
 * Reads policy.yaml and every other *.yaml (except servicenow.yaml and *.test.yaml) of a folder.
 * Throws AppError `runbook-invalid` that names each file, line and field, and what was expected.
 */
export async function loadCatalogue(folder: string, now: Date): Promise<LoadedCatalogue> {
  const texts = await readTexts(folder);
  const policyText = texts.get('policy.yaml');
  const runbooks = [...texts]
    .filter(([name]) => isRunbookFile(name))
    .map(([name, text]) => readYaml(name, text, Runbook));
  const policy = policyText === undefined ? undefined : readYaml('policy.yaml', policyText, Policy);

  const read = runbooks.flatMap((one) => (one.ok ? [one.read] : []));
  const faults = [...runbooks, ...(policy ? [policy] : [])].flatMap((one) => (one.ok ? [] : one.faults));
  if (policy === undefined) faults.push({ file: 'policy.yaml', line: 1, field: '', message: 'is missing' });
  if (runbooks.length === 0)
    faults.push({ file: '*.yaml', line: 1, field: '', message: 'there is no runbook' });
  faults.push(...read.flatMap(misnamed));
  if (policy?.ok && faults.length === 0) faults.push(...inconsistencies(read, policy.read, now));
  if (faults.length > 0 || !policy?.ok) throw invalid(folder, faults);
  return {
    runbooks: new Map(
      read.map(({ value, content }) => [value.id, { runbook: value, hash: hashOf(content) }]),
    ),
    policy: { policy: policy.read.value, hash: hashOf(policy.read.content) },
  };
}

async function readTexts(folder: string): Promise<Map<string, string>> {
  try {
    const names = (await readdir(folder)).filter(isYaml);
    const texts = names
      .sort()
      .map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const);
    return new Map(await Promise.all(texts));
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw new AppError({
      code: 'runbook-invalid',
      message: missing
        ? `the folder ${folder} does not exist`
        : `the runbooks in ${folder} cannot be read: ${messageOf(error)}`,
      fix: 'Name the folder that holds policy.yaml and the runbooks: on the command line, or in HANDRAIL_RUNBOOKS for the server.',
      cause: error,
    });
  }
}

/** A runbook is looked up by its id, and by people by its file. */
function misnamed({ value, faultAt }: ReadFile<Runbook>): Fault[] {
  const { file } = faultAt([], '');
  const expected = basename(file, '.yaml');
  return value.id === expected ? [] : [faultAt(['id'], `must be the file's name, ${expected}`)];
}

/** The hash of what the file says, not of how it is laid out: comments and spacing do not count. */
const hashOf = (content: unknown): string => digest(content as Json);
