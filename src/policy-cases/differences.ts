import { progress } from '../domain/approval.ts';
import type { GuardrailLine } from '../domain/guardrail-line.ts';
import { openApproval, stateOf } from '../domain/run.ts';
import { evaluationIn, tierIn } from './evaluation.ts';
import { momentOf } from './moment.ts';
import type { Scene } from './scene.ts';
import type { Want } from './want.ts';

/** How the end of a case differs from what is wanted: one line each, none when it is as wanted. */
export function differences(scene: Scene, want: Want): string[] {
  const wanted = Object.entries(want) as [keyof Want, unknown][];
  return [
    ...wanted.flatMap(([field, value]) => {
      const compare = comparisons[field] as (scene: Scene, value: unknown) => string[];
      return compare(scene, value);
    }),
    ...untold(scene, want),
  ];
}

/** A refusal nobody wanted is always a difference. */
const untold = ({ last: { refusal } }: Scene, want: Want): string[] =>
  refusal === undefined || want.refusal !== undefined
    ? []
    : [`the last command was refused: ${refusal.code} (${refusal.message})`];

const spelled = (value: unknown): string =>
  value === undefined ? 'nothing' : typeof value === 'string' ? value || "''" : JSON.stringify(value);

const differs = (what: string, want: unknown, got: unknown): string[] =>
  spelled(sorted(want)) === spelled(sorted(got))
    ? []
    : [`${what}: want ${spelled(want)}, got ${spelled(got)}`];

/** The order of the fields of an object says nothing. */
const sorted = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;

/** Who counts for a group says nothing about who came first. */
const sortedLists = (lists: Readonly<Record<string, readonly string[]>>): Record<string, string[]> =>
  Object.fromEntries(Object.entries(lists).map(([group, people]) => [group, [...people].sort()]));

function saysNot(what: string, want: string | readonly string[], got: string | undefined): string[] {
  const missing = [want].flat().filter((words) => !(got ?? '').toLowerCase().includes(words.toLowerCase()));
  return missing.map((words) => `${what}: want "${words}", got ${spelled(got)}`);
}

const timeDiffers = (scene: Scene, what: string, want: string, got: string | undefined): string[] =>
  differs(what, momentOf(want, scene.start).toISOString(), got && new Date(got).toISOString());

/** The last approval that was asked for, of the run or of its rollback. */
const approvalIn = ({ run }: Scene) => openApproval(run) ?? run.rollback ?? run.approval;

type Compare = { readonly [K in keyof Want]-?: (scene: Scene, want: NonNullable<Want[K]>) => string[] };

const comparisons: Compare = {
  effect: (scene, want) => differs('effect', want, evaluationIn(scene).effect),
  guardrails: (scene, want) =>
    Object.entries(want).flatMap(([name, line]) =>
      lineDiffers(
        scene,
        name,
        line,
        evaluationIn(scene).lines.find(({ guardrail }) => guardrail === name),
      ),
    ),
  refusal: ({ last }, want) =>
    last.refusal
      ? differs('refusal', want, last.refusal.code).map((line) => `${line} (${last.refusal?.message})`)
      : differs('refusal', want, undefined),
  message: ({ last }, want) => saysNot('message', want, last.refusal?.message),
  state: ({ run }, want) => differs('state', want, stateOf(run)),
  outcome: ({ run }, want) => differs('outcome', want, run.closed?.outcome),
  reason: ({ run }, want) => saysNot('reason', want, run.closed?.reason),
  tier: (scene, want) => differs('tier', want, tierIn(scene)),
  approvers: (scene, want) =>
    differs(
      'approvers',
      want,
      byGroup(approvalIn(scene)?.requirements, ({ needed }) => needed),
    ),
  votes(scene, want) {
    const approval = approvalIn(scene);
    return differs(
      'votes',
      sortedLists(want),
      byGroup(approval && progress(approval), ({ by }) => by.map(({ id }) => id).sort()),
    );
  },
  rule: (scene, want) => differs('rule', want, approvalIn(scene)?.rule),
  revision: (scene, want) => differs('revision', want, approvalIn(scene)?.revision),
  changes: (scene, want) => saysNot('changes', want, approvalIn(scene)?.changes.join('; ')),
  expires: (scene, want) => timeDiffers(scene, 'expires', want, approvalIn(scene)?.expiresAt),
  notBefore: (scene, want) => timeDiffers(scene, 'notBefore', want, approvalIn(scene)?.notBefore),
  escalated: (scene, want) => differs('escalated', want, approvalIn(scene)?.escalated),
  reminded: (scene, want) => differs('reminded', want, approvalIn(scene)?.reminded),
  postponed: ({ run }, want) => saysNot('postponed', want, run.postponed?.reason),
  overridden: ({ run }, want) => differs('overridden', want, run.approval?.glass?.overridden),
  reviewBy: (scene, want) => timeDiffers(scene, 'reviewBy', want, scene.run.approval?.glass?.reviewBy),
  overdue: ({ run }, want) => differs('overdue', want, run.overdue),
  stopped: ({ control }, want) => differs('stopped', want, control.control?.stopped !== undefined),
  parameters: ({ run }, want) =>
    Object.entries(want).flatMap(([name, value]) =>
      differs(`parameter ${name}`, value, run.parameters.find((one) => one.name === name)?.value),
    ),
  runbook: ({ run }, want) => differs('runbook', want, run.proposal?.runbook.id),
  suggestion: ({ run }, want) => differs('suggestion', want, run.proposal?.suggestion?.role),
  unheeded: ({ last }, want) => saysNot('unheeded', want, last.unheeded),
  events: ({ run }, want) =>
    differs(
      'events',
      want,
      run.entries.map(({ type }) => type),
    ),
  lastEvents: ({ last }, want) =>
    differs(
      'lastEvents',
      want,
      last.events.map(({ type }) => type),
    ),
};

const byGroup = <T extends { readonly group: string }, V>(
  list: readonly T[] | undefined,
  pick: (one: T) => V,
) => list && Object.fromEntries(list.map((one) => [one.group, pick(one)]));

type WantedLine = NonNullable<NonNullable<Want['guardrails']>[keyof NonNullable<Want['guardrails']>]>;

function lineDiffers(scene: Scene, name: string, want: WantedLine, got: GuardrailLine | undefined): string[] {
  const line = typeof want === 'string' ? { effect: want } : want;
  const told = got === undefined ? '' : ` (${got.reason})`;
  return [
    ...(line.effect === undefined
      ? []
      : differs(`${name}`, line.effect, got?.effect).map((text) => `${text}${told}`)),
    ...(line.says === undefined ? [] : saysNot(name, line.says, got?.reason)),
    ...(line.until === undefined ? [] : timeDiffers(scene, `${name} until`, line.until, got?.until)),
    ...(line.unknown === undefined ? [] : differs(`${name} unknown`, line.unknown, got?.unknown === true)),
    ...(line.passing === undefined ? [] : differs(`${name} passing`, line.passing, got?.passing === true)),
  ];
}
