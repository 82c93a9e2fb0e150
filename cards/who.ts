import { z } from 'zod';
import type { ApprovalView, RunView } from '../src/domain/view.ts';
import { escapeMarkdown, plain } from './text.ts';
import { calendar, clock, first, type Room } from './wording.ts';

/** For whom a decision waits, and what the clock does meanwhile. */
export const Who = z.strictObject({
  /** One line a group: how many of it have approved, and who. */
  groups: z.array(z.strictObject({ group: z.string(), text: z.string() })),
  waits: z.string(),
  times: z.array(z.string()),
});
export type Who = z.infer<typeof Who>;

export function whoDecides(run: RunView, room: Room): Who {
  const { approval } = run;
  if (approval === undefined) return { groups: [], waits: '', times: [] };
  const { shown } = first(approval.requirements, room.lines);
  return {
    groups: shown.map((one) => ({ group: plain(one.group, 80), text: plain(progressOf(one), room.text) })),
    waits: plain(`${waitsFor(approval)}${barred(run)}.`, room.text),
    times: clocks(approval),
  };
}

type Requirement = ApprovalView['requirements'][number];

/** `1 of 2: Arne Approver`. */
function progressOf({ needed, of, by }: Requirement): string {
  const names = by.length === 0 ? '' : `: ${by.join(', ')}`;
  const scarce = of === undefined || of > needed ? '' : ` (only ${of} can vote)`;
  return `${by.length} of ${needed}${names}${scarce}`;
}

function waitsFor({ requirements, lacksSecondPerson, escalated }: ApprovalView): string {
  if (lacksSecondPerson)
    return 'Waits for a second person: nobody asked for this run, and one approval is one pair of eyes';
  const missing = requirements
    .filter(({ by, needed }) => by.length < needed)
    .map(({ group, needed, by }) => `${needed - by.length} more of ${group}`);
  const or = escalated === undefined ? '' : `, or of ${escalated}`;
  return `Waits for ${missing.join(' and ')}${or}`;
}

/** A run an event or a rule asked for has no person who would have to stay out of the vote. */
const isPerson = (requester: string): boolean =>
  requester !== 'ServiceNow' && !requester.startsWith('Handrail (');

const barred = ({ requester }: RunView): string =>
  isPerson(requester) ? `, not ${requester} who asked` : '';

/** What happens when, in the order it happens. Group names come from the policy, but this place reads markdown. */
function clocks(approval: ApprovalView): string[] {
  const { remindAt, escalatesAt, escalateTo = '', expiresAt, phase, notBefore } = approval;
  const start = phase === 'rollback' ? 'Approving starts the rollback' : 'Approving starts it';
  const end = phase === 'rollback' ? 'it is not rolled back' : 'it does not run';
  return [
    notBefore === undefined
      ? `**${start}** as soon as everybody needed has agreed.`
      : `**${start} at** ${calendar(notBefore)}, if everything still holds then.`,
    ...(remindAt === undefined ? [] : [`**Next reminder:** ${clock(remindAt)}`]),
    ...(escalatesAt === undefined
      ? []
      : [`**Then asks ${escapeMarkdown(escalateTo, 80)} as well:** ${clock(escalatesAt)}`]),
    `**Until:** ${clock(expiresAt)}. If nobody decides, ${end}.`,
  ];
}
