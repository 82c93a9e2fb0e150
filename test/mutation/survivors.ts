import { z } from 'zod';

/**
 * A mutant that no test finds, by the text around it: line numbers move. `from` and `to` are the code before and after,
 * with runs of white space as one space.
 */
export const Survivor = z.strictObject({
  file: z.string().min(1),
  line: z.string(),
  from: z.string().min(1),
  to: z.string(),
});
export type Survivor = z.infer<typeof Survivor>;

/** The reviewed list: survivors that stay, grouped by the reason why no test can or should find them. */
export const ReviewedList = z.array(
  z.strictObject({
    why: z.string().min(10, 'say why no test can find it'),
    mutants: z.array(Survivor).min(1),
  }),
);
export type ReviewedList = z.infer<typeof ReviewedList>;

type Place = { readonly line: number; readonly column: number };
/** What is needed of a mutant; lines and columns count from 1, as in the results of Stryker. */
export type Mutant = {
  readonly status: string;
  readonly replacement?: string | undefined;
  readonly location: { readonly start: Place; readonly end: Place };
};

const squeeze = (code: string): string => code.replaceAll(/\s+/g, ' ').trim();

/** How the list names a mutant of a file with this text. */
export function nameMutant(file: string, text: string, { location, replacement = '' }: Mutant): Survivor {
  const { start, end } = location;
  const lines = text.split('\n').slice(start.line - 1, end.line);
  const line = lines[0] ?? '';
  lines[lines.length - 1] = lines.at(-1)?.slice(0, end.column - 1) ?? '';
  lines[0] = lines[0]?.slice(start.column - 1) ?? '';
  return { file, line: squeeze(line), from: squeeze(lines.join('\n')), to: squeeze(replacement) };
}

export type Score = { readonly found: number; readonly missed: number; readonly percent: number };

/** The share of the mutants that tests found. A mutant that hangs is found; one that is left out counts nowhere. */
export function scoreOf(mutants: readonly Mutant[]): Score {
  const found = mutants.filter(({ status }) => status === 'Killed' || status === 'Timeout').length;
  const missed = mutants.filter(isMissed).length;
  return { found, missed, percent: found + missed === 0 ? 100 : (100 * found) / (found + missed) };
}

export const isMissed = ({ status }: Mutant): boolean => status === 'Survived' || status === 'NoCoverage';

export type Review<M> = {
  /** Survivors nobody has given a reason for. */
  readonly unlisted: M[];
  /** Entries of the list that name no survivor of this run. */
  readonly outdated: Survivor[];
};

/** Compares survivors with the list. An entry excuses one mutant: two that read the same need two entries. */
export function review<M extends { readonly name: Survivor }>(
  survivors: readonly M[],
  listed: ReviewedList,
): Review<M> {
  const left = listed.flatMap((group) => group.mutants).map((one) => ({ one, key: keyOf(one) }));
  const unlisted = survivors.filter(({ name }) => {
    const at = left.findIndex(({ key }) => key === keyOf(name));
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  return { unlisted, outdated: left.map(({ one }) => one) };
}

const keyOf = ({ file, line, from, to }: Survivor): string => JSON.stringify([file, line, from, to]);
