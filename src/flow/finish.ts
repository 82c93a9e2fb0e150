import { system } from '../domain/people.ts';
import type { StepRecord } from '../domain/run.ts';
import type { StepResult } from '../domain/step-end.ts';
import type { Deps } from './deps.ts';
import { engineOrigin } from './origin.ts';
import type { Session } from './session.ts';

/** Ends a step with what the engine found out by itself. */
export async function finish(
  session: Session,
  record: StepRecord,
  result: StepResult,
  detail: string,
): Promise<undefined> {
  await session.decide({
    name: 'step-result',
    step: record.id,
    result,
    detail,
    by: system('engine'),
    origin: engineOrigin,
  });
}

/** Its time is up. */
export const isOver = (deps: Deps, record: StepRecord): boolean =>
  deps.clock.now().getTime() >= Date.parse(record.deadline);
/** So many milliseconds from now. */
export const later = (deps: Deps, ms: number): Date => new Date(deps.clock.now().getTime() + ms);
/** Asks often at first, then less: half the age up to 5 s, and a sixtieth of it, up to 30 s, once that is more. */
export const backoff = (ageMs: number): number =>
  Math.max(150, Math.min(5_000, ageMs / 2), Math.min(30_000, ageMs / 60));
