import type { Origin } from '../domain/people.ts';

/** What the engine does comes from no message. */
export const engineOrigin: Origin = { conversation: '', activity: '' };
