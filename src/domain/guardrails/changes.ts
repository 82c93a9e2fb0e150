import type { Change } from '../incident.ts';

export const isNow = ({ start, end }: Change, now: Date): boolean =>
  Date.parse(start) <= now.getTime() && now.getTime() < Date.parse(end);

/** The planned time of an approved change covers this moment, and nobody holds it up. */
export const permits = (change: Change, now: Date): boolean =>
  change.approved && !change.onHold && change.state !== 'other' && isNow(change, now);

/** Somebody is carrying a change out at this moment, with or without leave, early or late too. */
export const isUnderWay = (change: Change, now: Date): boolean =>
  change.state === 'implement' && (change.begun === true || isNow(change, now));
