import type { RefusalCode } from '../domain/commands.ts';
import { differences } from './differences.ts';
import type { Given } from './given.ts';
import { overlay } from './merge.ts';
import { moved } from './moves.ts';
import { isKnown } from './people.ts';
import type { CaseFile, PolicyCase } from './policy-case.ts';
import { beginning, type Scene } from './scene.ts';
import type { Base } from './stage.ts';
import { type Move, moveOf } from './when.ts';

/** What came of a case: nothing, when all is as wanted. */
export type CaseResult = { readonly name: string; readonly differences: readonly string[] };

/** Everything that holds when a case begins: what its file says, and on top of it what the case says. */
export const givenOf = (file: CaseFile, one: PolicyCase): Given => overlay(file.given ?? {}, one.given);

/** Plays a case against the real rules and compares. Pure: the same case gives the same result. */
export function runCase(base: Base, file: CaseFile, one: PolicyCase): CaseResult {
  const unexpected: string[] = [];
  const commands = one.when.map(moveOf);
  const end = commands.reduce(
    (scene: Scene, move, n) => {
      const after = moved(scene, move);
      const isLast = n === commands.length - 1;
      unexpected.push(...refusalFault(move, after, isLast));
      return after;
    },
    beginning(base, givenOf(file, one)),
  );
  return { name: one.name, differences: [...unexpected, ...differences(end, wantedOf(one))] };
}

/** What is expected of the last command itself counts as wanted at the end. */
function wantedOf({ when, want }: PolicyCase): PolicyCase['want'] {
  const refused = expectedOf(moveOf(when.at(-1) ?? 'propose'));
  return refused === undefined ? want : { refusal: refused, ...want };
}

function refusalFault(move: Move, { last: { refusal } }: Scene, isLast: boolean): string[] {
  if (isLast) return [];
  const [name] = Object.keys(move);
  const expected = expectedOf(move);
  if (refusal?.code === expected) return [];
  if (refusal === undefined) return [`${name} was to be refused: ${expected}`];
  return [`${name} was refused: ${refusal.code} (${refusal.message})`];
}

/** The code a command on the way is to be refused with. */
function expectedOf({ step: _step, change: _change, ...move }: Move): RefusalCode | undefined {
  const [args] = Object.values(move);
  return typeof args === 'object' && 'refused' in args ? args.refused : undefined;
}

/** People a case names although it does not say who they are, each with where it names them. */
export function strangersIn(
  file: CaseFile,
  n: number,
): { readonly path: (string | number)[]; readonly name: string }[] {
  const one = file.cases[n];
  if (one === undefined) return [];
  let given = givenOf(file, one);
  return one.when.flatMap((when, at) => {
    const move = moveOf(when);
    if (move.change) given = overlay(given, move.change);
    return namesIn(move)
      .filter(({ name }) => !isKnown(given, name))
      .map(({ name, path }) => ({ name, path: ['cases', n, 'when', at, ...path] }));
  });
}

function namesIn(move: Move): { readonly path: string[]; readonly name: string }[] {
  const { wait: _wait, clock: _clock, change: _change, step: _step, ...acts } = move;
  return Object.entries(acts).flatMap(([word, args]) => {
    if (typeof args === 'string') return [{ path: [word], name: args }];
    return ['by', 'to'].flatMap((field) => {
      const name: unknown = Object.entries(args ?? {}).find(([key]) => key === field)?.[1];
      return typeof name === 'string' ? [{ path: [word, field], name }] : [];
    });
  });
}
