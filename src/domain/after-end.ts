import { z } from 'zod';

/** What a person may say of a step whose outcome is unknown. `cancel`: nobody can tell; it is left to be handled by hand. */
export const words = ['ran', 'did-not-run', 'cancel'] as const;
export type Word = (typeof words)[number];

/** The word a person gave on a run that ended with an unknown outcome. */
export const OutcomeSettled = z.strictObject({ step: z.string(), word: z.enum(words), reason: z.string() });

/** What is left of a run that has ended is run by another run. */
export const RunContinued = z.strictObject({ runId: z.string() });

/** What a run that continues another one has from it. */
export const Resumes = z.strictObject({
  /** The run it continues. */
  runId: z.string(),
  /** Those that one continues in turn, the first one first. */
  earlier: z.array(z.string()),
  /** In words how that one ended, and what somebody has said about it since. */
  after: z.string(),
  /** The step it begins with. */
  from: z.string(),
  /** Steps that are done and are not repeated. */
  done: z.array(z.string()),
  /** The hosts of a pool on which a change was begun, where nothing else was changed than hosts of pools. */
  touched: z.array(z.string()).optional(),
  /** What is otherwise now than it was then, one sentence each. */
  changes: z.array(z.string()),
});
export type Resumes = z.infer<typeof Resumes>;

/** Every run of the chain, the first one first. */
export const chainOf = (resumes: Resumes | undefined): string[] =>
  resumes === undefined ? [] : [...resumes.earlier, resumes.runId];
