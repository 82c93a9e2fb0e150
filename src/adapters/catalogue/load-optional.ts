import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { AppError, messageOf } from '../../domain/errors.ts';
import { invalid } from './invalid.ts';
import { readYaml } from './read-yaml.ts';

/**
 * A YAML file of the folder that need not be there; without it, or with comments alone, the schema's own defaults hold.
 * Throws AppError `runbook-invalid` that names each line and field that does not fit.
 */
export async function loadOptional<T>(folder: string, name: string, schema: z.ZodType<T>): Promise<T> {
  const text = await textOf(folder, name);
  const saysSomething = /^[^\S\n]*[^\s#]/m.test(text);
  const file = readYaml(name, saysSomething ? text : '{}', schema);
  if (file.ok) return file.read.value;
  throw invalid(folder, file.faults);
}

async function textOf(folder: string, name: string): Promise<string> {
  try {
    return await readFile(join(folder, name), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw new AppError({
      code: 'runbook-invalid',
      message: `${name} in ${folder} cannot be read: ${messageOf(error)}`,
      fix: `Let the user Handrail runs as read ${name}, or remove it: without it the usual values hold.`,
      cause: error,
    });
  }
}
