import type { Clock } from '../ports.ts';

/** A stored event that waits for its turn. */
export type Waiting = {
  readonly id: string;
  readonly sysId: string;
  readonly modCount: number;
  readonly source?: 'poll' | undefined;
};
/** What a look came to: it is done with, or has to wait until a time (milliseconds since 1970). */
export type Looked = 'done' | { readonly notBefore: number };

export type Work = {
  /** Looks at the incident an event names. Never throws. */
  look(one: Waiting): Promise<Looked>;
  /** A newer event of the same incident takes this one's place. */
  fold(older: Waiting, newer: Waiting): Promise<void>;
};

export type Lanes = {
  /** Resolves when the lane has nothing to do now. */
  enter(one: Waiting): Promise<void>;
  /** Goes on with what waited for a time that has come. */
  wake(): Promise<void>;
};

type Lane = {
  current?: Waiting | undefined;
  next?: Waiting | undefined;
  notBefore: number;
  /** What the next event takes over; it is not looked at before. */
  folding?: Promise<void> | undefined;
  busy?: Promise<void> | undefined;
};

/**
 * One lane an incident: while it is being looked at, or waits, later events of it become one further look at the newest.
 * So memory holds at most two events an incident, and no more than `atOnce` incidents are looked at at the same time: a
 * burst of events must not become a burst on ServiceNow.
 */
export function lanes(clock: Clock, atOnce: number, work: Work): Lanes {
  const open = new Map<string, Lane>();
  const room = slots(atOnce);

  return {
    async enter(one) {
      const lane = open.get(one.sysId) ?? { notBefore: 0 };
      open.set(one.sysId, lane);
      const older = queue(lane, one);
      const busy = begin(one.sysId, lane);
      if (older !== undefined && lane.next !== undefined) await fold(lane, older, lane.next);
      await busy;
    },
    async wake() {
      await Promise.all([...open].map(([sysId, lane]) => begin(sysId, lane)));
    },
  };

  /** Not within the same step: what arrives together is folded before anything is looked at. */
  function begin(sysId: string, lane: Lane): Promise<void> {
    lane.busy ??= Promise.resolve().then(() => go(sysId, lane));
    return lane.busy;
  }

  async function go(sysId: string, lane: Lane): Promise<void> {
    try {
      while (lane.next !== undefined && lane.notBefore <= clock.now().getTime()) await room(() => turn(lane));
    } finally {
      lane.busy = undefined;
      if (lane.next === undefined) open.delete(sysId);
    }
  }

  /** One after the other, so that what is handed on is handed on to the last; a failure is the caller's alone. */
  function fold(lane: Lane, older: Waiting, newer: Waiting): Promise<void> {
    const folding = (lane.folding ?? Promise.resolve()).then(() => work.fold(older, newer));
    lane.folding = Promise.allSettled([folding]).then(() => undefined);
    return folding;
  }

  async function turn(lane: Lane): Promise<void> {
    for (let folding = lane.folding; folding !== undefined; folding = lane.folding) {
      await folding;
      if (lane.folding === folding) lane.folding = undefined;
    }
    const one = lane.next;
    if (one === undefined) return;
    lane.current = one;
    lane.next = undefined;
    const looked = await work.look(one);
    lane.current = undefined;
    if (looked === 'done') return;
    lane.notBefore = looked.notBefore;
    const older = queue(lane, one);
    if (older !== undefined && lane.next !== undefined) await fold(lane, older, lane.next);
  }
}

/** Puts an event in its lane; answers the one that is not needed any more. */
function queue(lane: Lane, one: Waiting): Waiting | undefined {
  if (lane.current?.id === one.id || lane.next?.id === one.id) return undefined;
  const there = lane.next;
  if (there !== undefined && !isNewer(one, there)) return one;
  lane.next = one;
  return there;
}

/** Of two that tell of the same version, what was told counts more than what was found. */
const isNewer = (one: Waiting, there: Waiting): boolean =>
  one.modCount === there.modCount
    ? one.source === undefined && there.source === 'poll'
    : one.modCount > there.modCount;

/** At most so many at a time. */
function slots(count: number): <T>(work: () => Promise<T>) => Promise<T> {
  let free = count;
  const queue: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((go) => queue.push(go));
    try {
      return await work();
    } finally {
      const next = queue.shift();
      if (next) next();
      else free += 1;
    }
  };
}
