import { z } from 'zod';
import { suggestionInWords } from '../src/domain/suggestion.ts';
import type { RunView } from '../src/domain/view.ts';
import { escapeMarkdown, plain } from './text.ts';
import { calendar, first, type Room } from './wording.ts';

/** Something that must not be overlooked, in a box of its own. */
export const Box = z.strictObject({
  style: z.enum(['attention', 'warning', 'emphasis']),
  title: z.string(),
  lines: z.array(z.string()),
  /** Moments, which only a TextBlock shows in the reader's zone. */
  times: z.array(z.string()),
});
export type Box = z.infer<typeof Box>;

const box = (style: Box['style'], title: string, lines: readonly string[], times: string[] = []): Box => ({
  style,
  title: escapeMarkdown(title, 200),
  lines: [...lines],
  times,
});

/** What every open card says while everything is stopped. */
export function haltedBox({ halted }: RunView, room: Room): Box[] {
  if (halted === undefined) return [];
  const lines = [
    plain(halted.reason, room.text),
    'Nothing that has not started will start until an administrator resumes.',
  ];
  return [box('attention', `Everything is stopped by ${halted.by}`, lines)];
}

/** What changed since people were asked last. */
export function changesBox({ changes }: RunView, room: Room): Box[] {
  if (changes.length === 0) return [];
  const { shown, more } = first(changes, room.lines);
  const lines = shown.map((change) => `• ${plain(change, room.text)}`);
  const title = 'Changed since you were asked last. Earlier votes do not count.';
  return [box('attention', title, more === 0 ? lines : [...lines, `• and ${more} more`])];
}

/** It does what was left of another run: of which one, why, and what is otherwise now. */
export function resumesBox({ resumes }: RunView, room: Room): Box[] {
  if (resumes === undefined) return [];
  const { code, after, from, changes } = resumes;
  const { shown, more } = first(changes, room.lines);
  const lines = [
    `Run ${code} ended: ${after}.`,
    `It begins with: ${from}. What is done is not done again.`,
    ...shown.map((change) => `• Since then: ${change}`),
    ...(more === 0 ? [] : [`• and ${more} more`]),
  ];
  return [
    box(
      changes.length === 0 ? 'emphasis' : 'warning',
      `Continues run ${code}`,
      lines.map((line) => plain(line, room.text)),
    ),
  ];
}

/** Nobody knows whether a step ran; or who has said what about it since. */
export function unknownBox({ unknown }: RunView, room: Room): Box[] {
  if (unknown === undefined) return [];
  const { step, said } = unknown;
  if (said === undefined) {
    const lines = [`Did "${step}" run? Look at the target and the item, then say it here.`];
    return [
      box(
        'attention',
        'Somebody has to say what happened',
        lines.map((line) => plain(line, room.text)),
      ),
    ];
  }
  const { by, what, reason } = said;
  return [box('emphasis', `${by} says: ${what}`, [plain(`"${step}": ${reason}`, room.text)])];
}

/** What is left of it can be done by another run, or is. */
export function restBox({ rest }: RunView, room: Room): Box[] {
  if (rest === undefined) return [];
  if (rest.is === 'offered')
    return [
      box('emphasis', 'What is left can still be run', [
        plain(
          'Continue proposes it as a run of its own. What is done is not done again, and it has to be approved.',
          room.text,
        ),
      ]),
    ];
  const { by, code } = rest;
  return [box('emphasis', `Continued as run ${code}`, [plain(`${by} asked for what was left.`, room.text)])];
}

export function escalatedBox({ approval }: RunView, room: Room): Box[] {
  if (approval?.escalated === undefined) return [];
  const { escalated } = approval;
  return [
    box('warning', 'Nobody has decided in time', [
      plain(`${escalated} is asked as well: its members count for any of the groups.`, room.text),
    ]),
  ];
}

/** Somebody decided alone: who, why, past what, and how far its review is. */
export function glassBox({ approval, code }: RunView, room: Room): Box[] {
  const glass = approval?.glass;
  if (glass === undefined) return [];
  const { by, reason, overridden, reviewGroup, reviewBy, review } = glass;
  const past = overridden.length === 0 ? 'Went past no guardrail.' : `Went past: ${overridden.join(', ')}.`;
  const lines = [`Why: ${reason}`, past, reviewLine(review, reviewGroup, code)];
  const due = calendar(reviewBy);
  const times = { open: [`**Review due:** ${due}`], overdue: [`**Review was due:** ${due}`] };
  return [
    box(
      review === 'justified' ? 'warning' : 'attention',
      `Break-glass: ${by} decided alone`,
      lines.map((line) => plain(line, room.text)),
      review === 'open' || review === 'overdue' ? times[review] : [],
    ),
  ];
}

type Glass = NonNullable<NonNullable<RunView['approval']>['glass']>;

function reviewLine(review: Glass['review'], group: string, code: string): string {
  const how = `type: review ${code} justified (or unjustified), and what you found`;
  switch (review) {
    case 'open':
      return `Waits for a review by somebody else in ${group}: ${how}.`;
    case 'overdue':
      return `The review by ${group} is overdue: ${how}.`;
    case 'justified':
    case 'not justified':
      return `Reviewed: ${review}.`;
  }
}

/** Somebody is asked in a chat of their own, where nobody here can see it. */
export function ownerBox({ owner, code, ci }: RunView, room: Room): Box[] {
  if (owner?.state !== 'asked') return [];
  const how = `Only they can answer, in their chat with Handrail or here: mine ${code}, or not-mine ${code} and what they know.`;
  const lines = [`${ci.name} is assigned to ${owner.name} in the CMDB.`, how].map((line) =>
    plain(line, room.text),
  );
  return [
    box('warning', `${owner.name} has to say whether it is theirs`, lines, [
      `**Until:** ${calendar(owner.until)}`,
    ]),
  ];
}

/** An idea of a machine, shown as that: it has decided nothing. */
export function suggestionBox({ suggestion }: RunView, room: Room): Box[] {
  if (suggestion === undefined) return [];
  const words = plain(suggestionInWords(suggestion), 3 * room.text);
  return [box('emphasis', 'An AI had an idea. It decides nothing.', [words])];
}
