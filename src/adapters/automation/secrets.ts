import { AppError } from '../../domain/errors.ts';
import type { Scalar } from '../../domain/runbook.ts';
import { type Mask, maskOf } from './mask.ts';

/** The value of a secret; undefined when there is none of that name. */
export type ResolveSecret = (reference: string) => Promise<string | undefined>;

const form = /^secret:([A-Z][A-Z0-9_]{2,63})$/;

/**
 * Resolves `secret:NAME` values and remembers them, so that they can be masked. `known` are the references of all
 * runbooks: after a restart the log of a job launched before has to be masked as well.
 */
export function secretValues(
  target: string,
  resolveSecret: ResolveSecret,
  known: readonly string[],
  always: readonly string[],
) {
  const values = new Set(always);
  const toLearn = new Set(known);

  async function learn(reference: string): Promise<string | undefined> {
    const value = await resolveSecret(reference).catch((error: unknown) => {
      throw failure(target, reference, `could not be read (${nameOf(error)})`, true);
    });
    if (value === undefined || value === '') return undefined;
    toLearn.delete(reference);
    values.add(value);
    return value;
  }

  return {
    /** Parameters as the target shall get them. Throws `config-invalid`; nothing was sent then. */
    async fill(parameters: Readonly<Record<string, Scalar>>): Promise<Record<string, Scalar>> {
      const filled: Record<string, Scalar> = {};
      for (const [name, value] of Object.entries(parameters)) {
        const reference = typeof value === 'string' ? form.exec(value)?.[1] : undefined;
        if (reference === undefined) {
          filled[name] = value;
          continue;
        }
        const secret = await learn(reference);
        if (secret === undefined) throw failure(target, reference, 'is not set', false);
        filled[name] = secret;
      }
      return filled;
    },
    /** A mask for everything a job can have been given. Throws `config-invalid` when a secret cannot be read now. */
    async mask(): Promise<Mask> {
      for (const reference of toLearn) await learn(reference);
      return maskOf(values);
    },
  };
}

const nameOf = (error: unknown) => (error instanceof Error ? error.name : 'unknown error');

const failure = (target: string, reference: string, what: string, retryable: boolean) =>
  new AppError({
    code: 'config-invalid',
    message: `the secret ${reference}, needed for target ${target}, ${what}`,
    fix: `Make the secret ${reference} available to Handrail (environment or Key Vault), then try again.`,
    retryable,
  });
