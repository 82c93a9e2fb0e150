import { AppError } from '../../domain/errors.ts';
import type { Fault } from './read-yaml.ts';

/** The error that lists the faults of a folder, each with its file, line and field. */
export function invalid(folder: string, faults: readonly Fault[]): AppError {
  const list = faults.map(
    ({ file, line, field, message }) => `  ${file}:${line} ${field ? `${field}: ` : ''}${message}`,
  );
  return new AppError({
    code: 'runbook-invalid',
    message: `${faults.length} fault${faults.length === 1 ? '' : 's'} in ${folder}\n${list.join('\n')}`,
    fix: 'Correct the lines named above and start again; `npm run lint:runbooks` checks without starting.',
  });
}
