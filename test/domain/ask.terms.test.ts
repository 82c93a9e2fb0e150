import assert from 'node:assert/strict';
import { needed, strictest, tierNow } from '../../src/domain/ask.ts';
import type { World } from '../../src/domain/facts.ts';
import * as f from '../fakes/domain.ts';

const ok = <T>(value: T) => ({ ok: true, value }) as const;
const away = { ok: false, why: 'it did not answer' } as const;

describe('where the runbook and its tier both say something', () => {
  const runbook = (approval: Record<string, unknown>) =>
    f.runbook({ approval: { group: 'web-approvers', ...approval } }).runbook.approval;
  const tier = (change: Record<string, unknown>) =>
    f.policy({ tiers: [{ name: 't', ...change }] }).policy.tiers[0];
  const escalate = (minutes: number, to: string) => ({ escalate: { after: `${minutes}m`, to } });
  const none = { expires: 3_600_000, fourEyes: false, notAuthor: false };

  const cases: [
    what: string,
    own: Record<string, unknown>,
    tier: Record<string, unknown> | undefined,
    want: Record<string, unknown>,
  ][] = [
    ['nothing else is asked for where neither does', { expires: '1h' }, undefined, none],
    ['a tier that says nothing changes nothing', { expires: '1h' }, {}, none],
    ['the shorter time counts, that of the tier', { expires: '2h' }, { expires: '1h' }, none],
    ['the shorter time counts, that of the runbook', { expires: '1h' }, { expires: '2h' }, none],
    [
      'four eyes of the runbook are a duty',
      { expires: '1h', fourEyes: true },
      { fourEyes: false },
      { ...none, fourEyes: true },
    ],
    [
      'four eyes of the tier are a duty',
      { expires: '1h', fourEyes: false },
      { fourEyes: true },
      { ...none, fourEyes: true },
    ],
    [
      'authors are kept out by the runbook',
      { expires: '1h', notAuthor: true },
      { notAuthor: false },
      { ...none, notAuthor: true },
    ],
    [
      'authors are kept out by the tier',
      { expires: '1h', notAuthor: false },
      { notAuthor: true },
      { ...none, notAuthor: true },
    ],
    ['the runbook alone reminds', { expires: '1h', remind: '5m' }, {}, { ...none, remind: 300_000 }],
    ['the tier alone reminds', { expires: '1h' }, { remind: '5m' }, { ...none, remind: 300_000 }],
    [
      'the more frequent reminder counts',
      { expires: '1h', remind: '9m' },
      { remind: '5m' },
      { ...none, remind: 300_000 },
    ],
    [
      'the more frequent reminder counts, whosever it is',
      { expires: '1h', remind: '5m' },
      { remind: '9m' },
      { ...none, remind: 300_000 },
    ],
    [
      'the runbook alone escalates',
      { expires: '1h', ...escalate(9, 'a') },
      {},
      { ...none, escalate: { after: 540_000, to: 'a' } },
    ],
    [
      'the tier alone escalates',
      { expires: '1h' },
      escalate(5, 'b'),
      { ...none, escalate: { after: 300_000, to: 'b' } },
    ],
    [
      'the sooner escalation counts',
      { expires: '1h', ...escalate(9, 'a') },
      escalate(5, 'b'),
      { ...none, escalate: { after: 300_000, to: 'b' } },
    ],
    [
      'the sooner escalation counts, whosever it is',
      { expires: '1h', ...escalate(5, 'a') },
      escalate(9, 'b'),
      { ...none, escalate: { after: 300_000, to: 'a' } },
    ],
  ];
  for (const [what, own, other, want] of cases)
    it(what, () => assert.deepEqual(strictest(runbook(own), other && tier(other)), want));
});

describe('how many people of a group are needed', () => {
  const world = (members: World['members']) => ({ members });
  const known = world(ok({ web: ['a', 'b', 'c', 'd'], empty: [] }));
  const nobody: ReadonlySet<string> = new Set();

  it('is counted among those who may approve', () => {
    assert.deepEqual(needed([{ group: 'web', quorum: '50%' }], nobody, known), [
      { group: 'web', needed: 2, of: 4 },
    ]);
    assert.deepEqual(needed([{ group: 'web', quorum: 'all' }], new Set(['a', 'x']), known), [
      { group: 'web', needed: 3, of: 3 },
    ]);
    assert.deepEqual(needed([{ group: 'empty', quorum: 1 }], nobody, known), [
      { group: 'empty', needed: 1, of: 0 },
    ]);
  });

  it('is as many as it says where the members do not matter and are not known', () => {
    assert.deepEqual(needed([{ group: 'web', quorum: 2 }], nobody, world(away)), [
      { group: 'web', needed: 2 },
    ]);
    assert.deepEqual(needed([{ group: 'other', quorum: 'any' }], nobody, known), [
      { group: 'other', needed: 1 },
    ]);
  });

  it('is more than there can be where it depends on members who are not known', () => {
    for (const quorum of ['all', '50%'])
      assert.deepEqual(needed([{ group: 'web', quorum }], nobody, world(away)), [
        { group: 'web', needed: 9_999 },
      ]);
  });

  it('is the larger of two demands on the same group, which stays in its place', () => {
    const demands = (first: number, second: number) =>
      needed(
        [
          { group: 'web', quorum: first },
          { group: 'empty', quorum: 1 },
          { group: 'web', quorum: second },
        ],
        nobody,
        known,
      ).map((one) => `${one.needed} of ${one.group}`);
    assert.deepEqual(demands(1, 3), ['3 of web', '1 of empty']);
    assert.deepEqual(demands(3, 1), ['3 of web', '1 of empty']);
  });
});

describe('the tier of a plan', () => {
  it('is the one the policy judges it to be in now, or none', () => {
    const tier = (change: Record<string, unknown>) =>
      tierNow(f.facts(f.arne, { policy: f.policy(change) }), f.world());
    assert.equal(tier({ tiers: [{ name: 'high' }] }), 'high');
    assert.equal(tier({}), '');
  });
});
