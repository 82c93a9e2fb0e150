import { parseArgs } from 'node:util';
import { messageOf } from '../domain/errors.ts';
import { misused } from './given-file.ts';

/** Reads `--name value` options; each may be given once. Throws AppError `config-invalid` on one that nobody knows. */
export function readOptions<N extends string>(
  args: readonly string[],
  names: readonly N[],
): Partial<Record<N, string>> {
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
  try {
    return parseArgs({ args: [...args], options, allowPositionals: false }).values as Partial<
      Record<N, string>
    >;
  } catch (error) {
    throw misused(messageOf(error));
  }
}

/** An option without which a command cannot do anything. */
export function needed<N extends string>(options: Partial<Record<N, string>>, name: N): string {
  const value = options[name];
  if (value === undefined) throw misused(`--${name} is missing`);
  return value;
}
