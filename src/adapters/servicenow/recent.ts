import type { Clock, Itsm } from '../../ports.ts';

type Kept<T> = { readonly until: number; readonly answer: Promise<T> };

/** What changes in minutes may be some seconds old; incidents, items and changes are always read fresh. */
const KEEP_MS = { relations: 20_000, majorIncidents: 10_000, schedule: 20_000, onCall: 20_000 } as const;
const MOST = 2_000;

export type RecentItsm = Itsm & {
  /** When ServiceNow was asked for an answer that was given out here; undefined for anything else. */
  readAt(answer: unknown): Date | undefined;
};

/**
 * The same ServiceNow, asked less often: three evaluations of one run, and runs of one burst, share what hardly changes.
 * Questions asked at the same time share one call. A failure is not kept.
 */
export function askedLess(itsm: Itsm, clock: Clock): RecentItsm {
  const dated = dates(clock);
  const relations = keeper<Awaited<ReturnType<Itsm['relations']>>>(clock, KEEP_MS.relations);
  const majorIncidents = keeper<Awaited<ReturnType<Itsm['majorIncidents']>>>(clock, KEEP_MS.majorIncidents);
  const schedule = keeper<Awaited<ReturnType<Itsm['schedule']>>>(clock, KEEP_MS.schedule);
  const onCall = keeper<readonly string[]>(clock, KEEP_MS.onCall);
  return {
    ...itsm,
    incident: (ref) => dated.ask(() => itsm.incident(ref)),
    ci: (sysId) => dated.ask(() => itsm.ci(sysId)),
    owner: (ci) => dated.ask(() => itsm.owner(ci)),
    changes: (ci, at) => dated.ask(() => itsm.changes(ci, at)),
    relations: (ci) => relations(ci, () => dated.ask(() => itsm.relations(ci))),
    majorIncidents: (cis) => majorIncidents(cis.join(' '), () => dated.ask(() => itsm.majorIncidents(cis))),
    schedule: (ci, from, to) =>
      // the span moves on with every question; its length is what the policy asks for
      schedule(`${ci} ${to.getTime() - from.getTime()}`, () => dated.ask(() => itsm.schedule(ci, from, to))),
    onCall: (group, at) => onCall(group, () => dated.ask(() => itsm.onCall(group, at))),
    readAt: dated.of,
  };
}

/** Remembers of each answer when it was asked for, as long as somebody has it. */
function dates(clock: Clock) {
  const asked = new WeakMap<object, Date>();
  return {
    async ask<T>(read: () => Promise<T>): Promise<T> {
      const at = clock.now();
      const answer = await read();
      if (typeof answer === 'object' && answer !== null) asked.set(answer, at);
      return answer;
    },
    of: (answer: unknown): Date | undefined =>
      typeof answer === 'object' && answer !== null ? asked.get(answer) : undefined,
  };
}

function keeper<T>(clock: Clock, ms: number): (key: string, ask: () => Promise<T>) => Promise<T> {
  const kept = new Map<string, Kept<T>>();
  return (key, ask) => {
    const now = clock.now().getTime();
    const known = kept.get(key);
    if (known !== undefined && now < known.until) return known.answer;
    const answer = ask();
    kept.set(key, { until: now + ms, answer });
    if (kept.size > MOST) for (const [old, { until }] of kept) if (until <= now) kept.delete(old);
    answer.catch(() => {
      if (kept.get(key)?.answer === answer) kept.delete(key);
    });
    return answer;
  };
}
