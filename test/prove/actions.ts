import fc from 'fast-check';
import { groupNames, MINUTE } from './scenario.ts';
import { scenes } from './scenes.ts';
import { people, type Situation, sources, type Who } from './situation.ts';

/** Something that somebody asks, as plain data: it becomes a command when it is its turn. */
export type Ask =
  | { readonly ask: 'propose' | 'dispatch' | 'advance' | 'expire' | 'remind' | 'escalate' }
  | {
      readonly ask: 'approve' | 'reject' | 'break-glass';
      /** `timer` is a part of the system that tries what only people may do. */
      readonly who: Who | 'timer';
      readonly revision: 'none' | 'current' | 'older' | 'newer';
      readonly card: 'none' | 'shown' | 'forged';
      readonly other: 'nothing' | 'tenant' | 'name';
      readonly reason: string;
    }
  | { readonly ask: 'narrow'; readonly who: Who; readonly drain: number }
  | { readonly ask: 'confirm-parameters'; readonly who: Who; readonly pool: string }
  | { readonly ask: 'withdraw' | 'cancel' | 'review'; readonly who: Who }
  | {
      readonly ask: 'step-result';
      readonly result: 'succeeded' | 'failed' | 'unknown' | 'not-started' | 'cancelled';
    }
  | { readonly ask: 'settle'; readonly who: Who | 'timer'; readonly word: 'ran' | 'did-not-run' | 'cancel' }
  | { readonly ask: 'continue'; readonly who: Who }
  | { readonly ask: 'stop' | 'resume' | 'end-delegation'; readonly who: Who }
  | { readonly ask: 'delegate'; readonly who: Who; readonly to: Who; readonly minutes: number };

export type Action =
  | { readonly is: 'ask'; readonly ask: Ask }
  /** Both decide on the same head: the second one has decided when the first one is stored. */
  | { readonly is: 'race'; readonly first: Ask; readonly second: Ask }
  | { readonly is: 'clock'; readonly minutes: number }
  | { readonly is: 'world'; readonly change: Partial<Situation> }
  | { readonly is: 'member'; readonly who: Who; readonly group: (typeof groupNames)[number] };

const ids = Object.keys(people) as Who[];
const approvers: Who[] = ['arne', 'arnold', 'mia', 'bo', 'sven', 'nadia'];
const anybody = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...approvers) },
  { weight: 1, arbitrary: fc.constantFrom(...ids) },
);
const mostly = <T>(usual: T, ...others: T[]) =>
  fc.oneof(
    { weight: 6, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  );

const vote = (ask: 'approve' | 'reject' | 'break-glass', who: fc.Arbitrary<Who>) =>
  fc.record({
    ask: fc.constant(ask),
    who: fc.oneof({ weight: 20, arbitrary: who }, { weight: 1, arbitrary: fc.constant('timer' as const) }),
    revision: mostly<'none' | 'current' | 'older' | 'newer'>('current', 'none', 'older', 'newer'),
    card: mostly<'none' | 'shown' | 'forged'>('none', 'shown', 'forged'),
    other: mostly<'nothing' | 'tenant' | 'name'>('nothing', 'tenant', 'name'),
    reason: mostly('because', ' '),
  });

const asks: fc.Arbitrary<Ask> = fc.oneof(
  { weight: 24, arbitrary: vote('approve', anybody) },
  { weight: 2, arbitrary: vote('reject', anybody) },
  { weight: 3, arbitrary: vote('break-glass', fc.constantFrom<Who[]>('cora', 'cora', 'mia')) },
  { weight: 16, arbitrary: fc.constant({ ask: 'dispatch' as const }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom<Ask[]>(
      { ask: 'propose' },
      { ask: 'advance' },
      { ask: 'expire' },
      { ask: 'remind' },
      { ask: 'escalate' },
    ),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      ask: fc.constant('step-result' as const),
      result: mostly<'succeeded' | 'failed' | 'unknown' | 'not-started' | 'cancelled'>(
        'succeeded',
        'failed',
        'unknown',
        'not-started',
        'cancelled',
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      ask: fc.constant('narrow' as const),
      who: anybody,
      drain: fc.constantFrom(5, 30, 60, 90),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      ask: fc.constant('confirm-parameters' as const),
      who: fc.constantFrom<Who[]>('olivia', 'nadia', 'olivia', 'mia'),
      pool: fc.constantFrom('shop', 'checkout', 'other', 'BAD'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      ask: fc.constantFrom('withdraw' as const, 'cancel' as const, 'review' as const),
      who: fc.constantFrom<Who[]>('olivia', 'rhea', 'cora', 'twin', 'mia'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      ask: fc.constant('settle' as const),
      who: fc.oneof(
        { weight: 9, arbitrary: anybody },
        { weight: 1, arbitrary: fc.constant('timer' as const) },
      ),
      word: fc.constantFrom('ran' as const, 'did-not-run' as const, 'cancel' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      ask: fc.constant('continue' as const),
      who: fc.constantFrom<Who[]>('olivia', 'nadia', 'mia', 'twin'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      ask: fc.constantFrom('stop' as const, 'resume' as const, 'resume' as const, 'end-delegation' as const),
      who: fc.constantFrom<Who[]>('ada', 'ada', 'mia'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      ask: fc.constant('delegate' as const),
      who: anybody,
      to: mostly<Who>('dora', 'twin', 'mia'),
      minutes: fc.constantFrom(-5, 5, 60, 3_000),
    }),
  },
);

const changes: fc.Arbitrary<Partial<Situation>> = fc.oneof(
  fc.record({
    environment: fc.constantFrom<Situation['environment'][]>(
      'production',
      'test',
      'development',
      'production',
    ),
  }),
  fc.record({ pool: fc.constantFrom<Situation['pool'][]>('shop', 'checkout', 'shop', '') }),
  fc.record({ edition: fc.constantFrom<Situation['edition'][]>(1, 2) }),
  fc.record({ change: fc.boolean() }),
  fc.record({ incident: fc.constantFrom<Situation['incident'][]>('open', 'open', 'resolved') }),
  fc.record({ names: fc.constantFrom<Situation['names'][]>('this', 'this', 'other') }),
  fc.record({ down: fc.oneof(fc.constant([]), fc.subarray([...sources], { maxLength: 2 })) }),
  fc.record({
    ranAt: fc.option(
      fc.integer({ min: 0, max: 60 }).map((m) => -m),
      { nil: undefined },
    ),
  }),
);

const actions: fc.Arbitrary<Action> = fc.oneof(
  { weight: 60, arbitrary: asks.map((ask) => ({ is: 'ask' as const, ask })) },
  { weight: 10, arbitrary: fc.record({ is: fc.constant('race' as const), first: asks, second: asks }) },
  {
    weight: 7,
    arbitrary: fc.constantFrom(1, 4, 11, 31, 61).map((minutes) => ({ is: 'clock' as const, minutes })),
  },
  { weight: 8, arbitrary: changes.map((change) => ({ is: 'world' as const, change })) },
  {
    weight: 2,
    arbitrary: fc.record({
      is: fc.constant('member' as const),
      who: anybody,
      group: fc.constantFrom(...groupNames),
    }),
  },
);

const chunks = fc.oneof(
  { weight: 5, arbitrary: actions.map((action) => [action]) },
  { weight: 1, arbitrary: scenes },
);

/** Sequences that begin with a proposal, in a world that may already be other than usual. */
export const sequences: fc.Arbitrary<readonly Action[]> = fc
  .tuple(fc.array(actions, { maxLength: 2 }), fc.array(chunks, { minLength: 4, maxLength: 30, size: 'max' }))
  .map(([before, after]) => [...before, { is: 'ask', ask: { ask: 'propose' } }, ...after.flat()]);

/** The situation after something has happened outside. `ranAt` is given in minutes before now. */
export function happen(before: Situation, action: Exclude<Action, { is: 'ask' | 'race' }>): Situation {
  if (action.is === 'clock') return { ...before, now: before.now + action.minutes * MINUTE };
  if (action.is === 'world') {
    const { ranAt, ...rest } = action.change;
    const ran =
      'ranAt' in action.change ? { ranAt: ranAt === undefined ? ranAt : before.now + ranAt * MINUTE } : {};
    return { ...before, ...rest, ...ran };
  }
  const { who, group } = action;
  const groups = before.groups[who];
  const now = groups.includes(group) ? groups.filter((one) => one !== group) : [...groups, group];
  return { ...before, groups: { ...before.groups, [who]: now } };
}
