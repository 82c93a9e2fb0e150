import type { Clock, Itsm } from '../../ports.ts';

type Kept<T> = { readonly until: number; readonly answer: Promise<T> };

/** What changes in minutes may be some seconds old; incidents, items and changes are always read fresh. */
const KEEP_MS = { relations: 20_000, majorIncidents: 10_000, schedule: 20_000, onCall: 20_000 } as const;
const MOST = 2_000;

/**
 * The same ServiceNow, asked less often: three evaluations of one run, and runs of one burst, share what hardly changes.
 * Questions asked at the same time share one call. A failure is not kept.
 */
export function askedLess(itsm: Itsm, clock: Clock): Itsm {
  const relations = keeper<Awaited<ReturnType<Itsm['relations']>>>(clock, KEEP_MS.relations);
  const majorIncidents = keeper<Awaited<ReturnType<Itsm['majorIncidents']>>>(clock, KEEP_MS.majorIncidents);
  const schedule = keeper<Awaited<ReturnType<Itsm['schedule']>>>(clock, KEEP_MS.schedule);
  const onCall = keeper<readonly string[]>(clock, KEEP_MS.onCall);
  return {
    ...itsm,
    relations: (ci) => relations(ci, () => itsm.relations(ci)),
    majorIncidents: (cis) => majorIncidents(cis.join(' '), () => itsm.majorIncidents(cis)),
    schedule: (ci, from, to) =>
      // the span moves on with every question; its length is what the policy asks for
      schedule(`${ci} ${to.getTime() - from.getTime()}`, () => itsm.schedule(ci, from, to)),
    onCall: (group, at) => onCall(group, () => itsm.onCall(group, at)),
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
