import type { Runbook } from '../../domain/runbook.ts';
import type { Fault, ReadFile } from './read-yaml.ts';

/** Choices an approver may change a value to, although they are no choices. */
export function narrowFaults({ value, faultAt }: ReadFile<Runbook>): Fault[] {
  return Object.entries(value.parameters).flatMap(([name, parameter]) => {
    if (parameter.type !== 'choice') return [];
    const { choices, narrow = [] } = parameter;
    return narrow.flatMap((choice, n) =>
      choices.includes(choice)
        ? []
        : [
            faultAt(
              ['parameters', name, 'narrow', n],
              `${choice} is none of the choices: ${choices.join(', ')}`,
            ),
          ],
    );
  });
}
