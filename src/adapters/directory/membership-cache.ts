import type { Clock } from '../../ports.ts';

const maxEntries = 10_000;

/** Answers to "is this person in this group", for a short time. The oldest go first when there are too many. */
export function membershipCache(ttlMs: number, clock: Clock) {
  const entries = new Map<string, { member: boolean; until: number }>();
  const key = (person: string, group: string) => `${person}|${group}`;
  return {
    get(person: string, group: string): boolean | undefined {
      const entry = entries.get(key(person, group));
      if (entry !== undefined && clock.now().getTime() < entry.until) return entry.member;
      entries.delete(key(person, group));
      return undefined;
    },
    set(person: string, group: string, member: boolean): void {
      if (ttlMs <= 0) return;
      entries.delete(key(person, group));
      entries.set(key(person, group), { member, until: clock.now().getTime() + ttlMs });
      for (const oldest of entries.keys()) {
        if (entries.size <= maxEntries) break;
        entries.delete(oldest);
      }
    },
  };
}
