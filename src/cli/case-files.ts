import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isRunbookFile } from '../adapters/catalogue/load.ts';
import { type Fault, faultsOf, type Path, type ReadFile, readYaml } from '../adapters/catalogue/read-yaml.ts';
import { AppError, messageOf } from '../domain/errors.ts';
import { Policy } from '../domain/policy.ts';
import { Runbook } from '../domain/runbook.ts';
import type { Given } from '../policy-cases/given.ts';
import { overlay } from '../policy-cases/merge.ts';
import { CaseFile, type PolicyCase } from '../policy-cases/policy-case.ts';
import { givenOf, strangersIn } from '../policy-cases/run-case.ts';
import { type Base, type Staged, stageOf } from '../policy-cases/stage.ts';
import { moveOf } from '../policy-cases/when.ts';

/** A file of cases with the runbooks and the policy beside it. */
export type Cases = {
  readonly file: string;
  readonly content: CaseFile;
  readonly base: Base;
  /** The line a case begins in. */
  lineOf(n: number): number;
};

/** The plain content of a folder's policy and runbooks, before changes are laid over it. */
export type Folder = { readonly policy: object; readonly runbooks: ReadonlyMap<string, object> };

/**
 * Reads the cases of a folder (every *.test.yaml) or of one file. What is wrong with a file is told with its line and
 * field, and keeps no other file from being read. Throws AppError `runbook-invalid` when there is nothing to read.
 */
export async function readCases(
  path: string,
): Promise<{ readonly cases: Cases[]; readonly faults: readonly Fault[] }> {
  const files = await caseFilesIn(path);
  const folder = files[0] === undefined ? path : dirname(files[0]);
  const { policy, runbooks, faults } = await readFolder(folder);
  if (faults.length > 0) return { cases: [], faults };
  const read = await Promise.all(files.map((file) => readCaseFile(file, { policy, runbooks })));
  return {
    cases: read.flatMap((one) => (one.ok ? [one.cases] : [])),
    faults: read.flatMap((one) => (one.ok ? [] : one.faults)),
  };
}

async function caseFilesIn(path: string): Promise<string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const names = (await readdir(path)).filter((name) => name.endsWith('.test.yaml')).sort();
    if (names.length > 0) return names.map((name) => join(path, name));
  } catch (cause) {
    throw unreadable(path, messageOf(cause), cause);
  }
  throw unreadable(path, 'it has no *.test.yaml');
}

const unreadable = (path: string, why: string, cause?: unknown): AppError =>
  new AppError({
    code: 'runbook-invalid',
    message: `there are no cases in ${path}: ${why}`,
    fix: 'Name a folder with policy.yaml, runbooks and *.test.yaml, or one such test file.',
    cause,
  });

/** A folder as plain content, each file checked by itself, and the runbooks as they were read. */
export type FolderRead = Folder & {
  readonly faults: readonly Fault[];
  readonly files: readonly ReadFile<Runbook>[];
};

/** The policy and the runbooks of a folder. */
export async function readFolder(folder: string): Promise<FolderRead> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw unreadable(folder, messageOf(cause), cause);
  });
  const faults: Fault[] = [];
  const files: ReadFile<Runbook>[] = [];
  const runbooks = new Map<string, object>();
  for (const name of names.filter(isRunbookFile).sort()) {
    const read = readYaml(name, await readFile(join(folder, name), 'utf8'), Runbook);
    if (!read.ok) {
      faults.push(...read.faults);
      continue;
    }
    files.push(read.read);
    runbooks.set(basename(name, '.yaml'), read.read.content as object);
  }
  if (!names.includes('policy.yaml')) {
    faults.push({ file: join(folder, 'policy.yaml'), line: 1, field: '', message: 'is missing' });
    return { policy: {}, runbooks, files, faults };
  }
  const policy = readYaml('policy.yaml', await readFile(join(folder, 'policy.yaml'), 'utf8'), Policy);
  if (!policy.ok) return { policy: {}, runbooks, files, faults: [...faults, ...policy.faults] };
  return { policy: policy.read.content as object, runbooks, files, faults };
}

type ReadCases =
  | { readonly ok: true; readonly cases: Cases }
  | { readonly ok: false; readonly faults: readonly Fault[] };

async function readCaseFile(file: string, folder: Folder): Promise<ReadCases> {
  const read = readYaml(file, await readFile(file, 'utf8'), CaseFile);
  if (!read.ok) return read;
  const { value: content, faultAt } = read.read;
  const base: Base = { ...folder, runbook: content.runbook };
  const known = [...folder.runbooks.keys()].join(', ') || 'none';
  if (!folder.runbooks.has(content.runbook)) {
    const message = `there is no runbook ${content.runbook} beside it; known: ${known}`;
    return { ok: false, faults: [faultAt(['runbook'], message)] };
  }
  const common = stageFaults(base, content.given ?? {}, ['given'], faultAt);
  // what all cases have in common is told once
  const faults =
    common.length > 0 ? common : content.cases.flatMap((_one, n) => caseFaults(base, read.read, n));
  if (faults.length > 0) return { ok: false, faults };
  return { ok: true, cases: { file, content, base, lineOf: (n) => faultAt(['cases', n], '').line } };
}

/** What is wrong with one case that its schema cannot see. */
function caseFaults(base: Base, { value, faultAt }: ReadFile<CaseFile>, n: number): Fault[] {
  const one = value.cases[n];
  if (one === undefined) return [];
  const twice = value.cases.findIndex(({ name }) => name === one.name) !== n;
  return [
    ...(twice ? [faultAt(['cases', n, 'name'], 'another case of this file has the same name')] : []),
    ...strangersIn(value, n).map(({ name, path }) =>
      faultAt(path, `there is nobody called ${name}; add ${name}: [] to given.people`),
    ),
    ...worldsOf(value, one, n).flatMap(([given, path]) => stageFaults(base, given, path, faultAt)),
  ];
}

/** The world of a case as it begins, and after each change of it, with where it is written. */
function worldsOf(file: CaseFile, one: PolicyCase, n: number): [Given, Path][] {
  let given = givenOf(file, one);
  const worlds: [Given, Path][] = [[given, ['cases', n, 'given']]];
  for (const [at, when] of one.when.entries()) {
    const { change } = moveOf(when);
    if (change === undefined) continue;
    given = overlay(given, change);
    worlds.push([given, ['cases', n, 'when', at, 'change']]);
  }
  return worlds;
}

/** Changes to the runbook or the policy that do not fit, and people in groups that the policy does not name. */
function stageFaults(base: Base, given: Given, path: Path, faultAt: ReadFile<CaseFile>['faultAt']): Fault[] {
  const staged = stageOf(base, given);
  if (!staged.ok) return issues(staged, path, faultAt);
  return unknownGroups(given, Object.keys(staged.stage.policy.policy.groups)).map(
    ({ person, group, known }) =>
      faultAt([...path, 'people', person], `${group} is not a group of the policy; known: ${known}`),
  );
}

const issues = (staged: Extract<Staged, { ok: false }>, path: Path, faultAt: ReadFile<CaseFile>['faultAt']) =>
  staged.issues.flatMap((issue) => faultsOf(issue, [...path, staged.in], faultAt));

function unknownGroups({ people = {} }: Given, known: readonly string[]) {
  return Object.entries(people).flatMap(([person, entry]) => {
    const groups = entry === null ? [] : Array.isArray(entry) ? entry : entry.groups;
    return groups
      .filter((group) => !known.includes(group))
      .map((group) => ({ person, group, known: known.join(', ') }));
  });
}
