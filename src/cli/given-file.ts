import { readFile } from 'node:fs/promises';
import { type Fault, readYaml } from '../adapters/catalogue/read-yaml.ts';
import { AppError, messageOf } from '../domain/errors.ts';
import { Given } from '../policy-cases/given.ts';
import { Instant } from '../policy-cases/moment.ts';

/** Reads what is given (an incident, its item, further facts) from a YAML or JSON file. Throws AppError `config-invalid`. */
export async function readGiven(file: string): Promise<Given> {
  const read = readYaml(file, await textOf(file), Given);
  if (read.ok) return read.read.value;
  throw faulty(read.faults);
}

/** The text of a file the command line names. Throws AppError `config-invalid`. */
export async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new AppError({
      code: 'config-invalid',
      message: `${file} cannot be read: ${messageOf(cause)}`,
      fix: 'Name a file that exists.',
      cause,
    });
  }
}

export const faulty = (faults: readonly Fault[]): AppError =>
  new AppError({
    code: 'config-invalid',
    message: faults.map(spellFault).join('\n'),
    fix: 'Correct the lines named above.',
  });

export const spellFault = ({ file, line, field, message }: Fault): string =>
  `${file}:${line} ${field === '' ? '' : `${field}: `}${message}`;

/** The moment an option names. Throws AppError `config-invalid`. */
export function instantFrom(option: string, text: string): string {
  const read = Instant.safeParse(text);
  if (read.success) return read.data;
  throw misused(`--${option} ${text} ${read.error.issues[0]?.message ?? ''}`);
}

/** The command line was not used as its usage says. */
export const misused = (message: string): AppError =>
  new AppError({
    code: 'config-invalid',
    message,
    fix: 'Run `node src/cli.ts` without arguments to see how each command is used.',
  });
