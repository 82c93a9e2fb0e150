import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import { digest, type Json } from '../../domain/json.ts';
import { type LoadedPolicy, Policy } from '../../domain/policy.ts';
import { type LoadedRunbook, Runbook } from '../../domain/runbook.ts';
import { type Fault, inconsistencies } from './check.ts';

export type LoadedCatalogue = {
  readonly runbooks: ReadonlyMap<string, LoadedRunbook>;
  readonly policy: LoadedPolicy;
};

/**
 * Reads policy.yaml and every other *.yaml (except *.test.yaml) of a folder.
 * Throws AppError `runbook-invalid` that names each file, line and field, and what was expected.
 */
export async function loadCatalogue(folder: string): Promise<LoadedCatalogue> {
  const files = (await readdir(folder))
    .filter((name) => name.endsWith('.yaml') && !name.endsWith('.test.yaml'))
    .sort();
  const faults: Fault[] = [];
  const runbooks = new Map<string, LoadedRunbook>();
  let policy: LoadedPolicy | undefined;
  for (const name of files) {
    const text = await readFile(join(folder, name), 'utf8');
    if (name === 'policy.yaml') policy = readPolicy(text, faults);
    else readRunbook(name, text, runbooks, faults);
  }
  if (!files.includes('policy.yaml'))
    faults.push({ file: 'policy.yaml', line: 1, field: '', message: 'is missing' });
  if (policy && faults.length === 0) faults.push(...inconsistencies(runbooks, policy.policy));
  if (faults.length > 0 || policy === undefined) throw invalid(folder, faults);
  return { runbooks, policy };
}

function readPolicy(text: string, faults: Fault[]): LoadedPolicy | undefined {
  const policy = parseYaml('policy.yaml', text, Policy, faults);
  return policy && { policy, hash: hashOf(text) };
}

function readRunbook(name: string, text: string, into: Map<string, LoadedRunbook>, faults: Fault[]): void {
  const runbook = parseYaml(name, text, Runbook, faults);
  if (runbook === undefined) return;
  const expected = basename(name, '.yaml');
  if (runbook.id !== expected)
    faults.push({ file: name, line: 1, field: 'id', message: `must be the file's name, ${expected}` });
  into.set(runbook.id, { runbook, hash: hashOf(text) });
}

/** The hash of what the file says, not of how it is laid out: comments and spacing do not count. */
const hashOf = (text: string): string => digest(parseDocument(text).toJS() as Json);

/** Parses one file against a schema; what does not fit is added to `faults` with its line. */
export function parseYaml<T>(
  file: string,
  text: string,
  schema: z.ZodType<T>,
  faults: Fault[],
): T | undefined {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  for (const error of document.errors)
    faults.push({
      file,
      line: lines.linePos(error.pos[0]).line,
      field: '',
      message: error.message.split('\n')[0] ?? '',
    });
  if (document.errors.length > 0) return undefined;
  const parsed = schema.safeParse(document.toJS());
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) {
    const path = issue.path.filter((key) => typeof key !== 'symbol');
    faults.push({ file, line: lineOf(path), field: path.join('.'), message: issue.message });
  }
  return undefined;

  function lineOf(path: readonly (string | number)[]): number {
    for (let depth = path.length; depth > 0; depth--) {
      const node: unknown = document.getIn(path.slice(0, depth), true);
      if (node && typeof node === 'object' && 'range' in node && Array.isArray(node.range))
        return lines.linePos(Number(node.range[0])).line;
    }
    return 1;
  }
}

function invalid(folder: string, faults: readonly Fault[]): AppError {
  const list = faults.map(
    ({ file, line, field, message }) => `  ${file}:${line} ${field ? `${field}: ` : ''}${message}`,
  );
  return new AppError({
    code: 'runbook-invalid',
    message: `${faults.length} fault${faults.length === 1 ? '' : 's'} in ${folder}\n${list.join('\n')}`,
    fix: 'Correct the lines named above and start again; `npm run lint:runbooks` checks without starting.',
  });
}
