import { AppError } from '../../domain/errors.ts';

/** Why a launch would not be taken as it is, and what to do about it. */
export type Fault = { readonly reason: string; readonly fix: string };

/** Every reason in one message, every remedy in one fix. */
function faultText(faults: readonly Fault[]): Fault {
  const join = (texts: readonly string[], between: string) => [...new Set(texts)].join(between);
  return {
    reason: join(
      faults.map(({ reason }) => reason),
      '; ',
    ),
    fix: join(
      faults.map(({ fix }) => fix),
      ' ',
    ),
  };
}

type Verdict = { readonly ok: true } | ({ readonly ok: false } & Fault);

/** The answer of a preflight that found these faults. What will not pass by waiting is one as well; the rest is thrown. */
export async function verdict(check: () => Promise<readonly Fault[]>): Promise<Verdict> {
  try {
    const faults = await check();
    return faults.length === 0 ? { ok: true } : { ok: false, ...faultText(faults) };
  } catch (error) {
    if (!(error instanceof AppError) || error.retryable) throw error;
    return { ok: false, reason: error.message, fix: error.fix };
  }
}

export function launchRefused(name: string, job: string, faults: readonly Fault[]): AppError {
  const { reason, fix } = faultText(faults);
  return new AppError({
    code: 'target-refused',
    message: `nothing was launched at ${name}: ${job} would not be taken as it is, because ${reason}`,
    fix,
  });
}
