import assert from 'node:assert/strict';
import { Considered, isOffered, isOld, shapeOf, unfit } from '../../src/domain/considered.ts';
import type { Incident } from '../../src/domain/incident.ts';
import * as f from '../fakes/domain.ts';

const tag = { column: 'x_handrail_tag', offer: 'offer' };
const before: Considered = { modCount: 5, shape: 's', offered: true, run: 'R1' };
const { run: _none, ...withoutRun } = before;

describe('what was considered of an incident', () => {
  for (const [name, modCount, known, want] of [
    ['an older version is dropped', 4, before, 'dropped: older than version 5, which was considered'],
    [
      'an older version is dropped, though nothing came of the newer one',
      4,
      withoutRun,
      'dropped: older than version 5, which was considered',
    ],
    ['the same version is known when a run came of it', 5, before, 'known: run R1; version 5 was considered'],
    ['the same version is looked at again when nothing came of it', 5, withoutRun, undefined],
    ['a newer version is looked at', 6, before, undefined],
  ] as const)
    it(name, () => assert.equal(isOld(known, modCount), want));
});

describe('what is stored of an incident that was considered', () => {
  const least = { modCount: 0, shape: 's', offered: false };
  it('is read as it was', () => {
    for (const one of [least, { ...least, run: 'R1', number: 'INC1' }])
      assert.deepEqual(Considered.parse(one), one);
  });

  for (const wrong of [
    ...[{ modCount: -1 }, { modCount: 0.5 }, { modCount: undefined }, { shape: undefined }],
    ...[{ offered: undefined }, { offered: 'yes' }, { run: 1 }, { number: 1 }, { more: 1 }],
  ])
    it(`is none with ${JSON.stringify(wrong)}`, () =>
      assert.equal(Considered.safeParse({ ...least, ...wrong }).success, false));
});

describe('an incident that nothing may be proposed for', () => {
  const tagged = { x_handrail_tag: 'offer' };
  const cases: [string, Partial<Incident>, Considered | undefined, string | undefined][] = [
    ['is fit when it carries the tag', { fields: tagged }, undefined, undefined],
    ['is fit without the tag, when it never had it', {}, undefined, undefined],
    [
      'is fit without the tag, when it was considered without it',
      {},
      { ...before, offered: false },
      undefined,
    ],
    ['lost its tag', {}, before, 'taken-out'],
    ['was taken out by a person', { fields: { x_handrail_tag: 'never' } }, undefined, 'taken-out'],
    ['is resolved', { fields: tagged, state: 'resolved' }, undefined, 'over'],
    ['is canceled', { fields: tagged, state: 'canceled' }, undefined, 'over'],
    ['names no item', { fields: tagged, ciSysId: '' }, undefined, 'nothing'],
  ];
  for (const [name, change, known, want] of cases)
    it(name, () => assert.equal(unfit(f.incident(change), tag, known)?.is, want));

  for (const [change, why] of [
    [{ state: 'closed' }, 'INC0010023 is closed'],
    [{ fields: { x_handrail_tag: 'never' } }, 'INC0010023 is not offered to Handrail any more'],
    [{ ciSysId: '' }, 'INC0010023 names no configuration item'],
  ] as const)
    it(`says which incident and why: ${why}`, () =>
      assert.equal(unfit(f.incident(change), tag, undefined)?.why, why));

  it('has no tag where none is set up', () => {
    for (const fields of [{ x_handrail_tag: 'never' }, {}])
      assert.equal(unfit(f.incident({ fields }), undefined, before), undefined);
    assert.equal(isOffered(f.incident({ fields: tagged }), undefined), false);
    assert.equal(isOffered(f.incident({ fields: tagged }), tag), true);
    assert.equal(isOffered(f.incident({ fields: { x_handrail_tag: 'never' } }), tag), false);
  });
});

describe('the shape of an incident', () => {
  const { runbook } = f.runbook({
    match: { symptoms: ['5xx'], incident: { category: ['software'] } },
    parameters: {
      pool: { type: 'string', title: 'Pool', from: ['incident.u_site', 'ci.u_site'] },
      token: { type: 'secret', title: 'Token', reference: 'OPS_TOKEN' },
    },
  });
  const shape = (change: Partial<Incident> = {}) => {
    const fields = { category: 'software', u_site: 'shop', impact: '2', comments: 'x', ...change.fields };
    return shapeOf(f.incident({ ...change, fields }), tag, [runbook], f.policy().policy);
  };
  for (const [name, change, same] of [
    ['another version', { modCount: 9, updatedBy: 'somebody' }, true],
    ['another open state', { state: 'in-progress' }, true],
    ['a column nobody looks at', { fields: { comments: 'y' } }, true],
    ['a column that is named like one of the item', { fields: { 'ci.u_site': 'y', u_sit: 'y' } }, true],
    ['another group', { assignmentGroup: 'L3' }, true],
    ['an end', { state: 'resolved' }, false],
    ['another item', { ciSysId: 'd'.repeat(32) }, false],
    ['another text', { description: 'all is well' }, false],
    ['a text that was cut off within a character', { description: 'all is \ud83d' }, false],
    ['another priority', { priority: '1' }, false],
    ['a column of a rule', { fields: { category: 'network' } }, false],
    ['a column of a parameter', { fields: { u_site: 'other' } }, false],
    ['a column of the policy', { fields: { impact: '1' } }, false],
    ['the tag', { fields: { x_handrail_tag: 'offer' } }, false],
  ] as const)
    it(`${same ? 'is the same with' : 'differs with'} ${name}`, () =>
      assert.equal(shape(change as Partial<Incident>) === shape(), same));

  it('is the same whether a column is empty or was never there, and without what only the item says', () => {
    const { policy } = f.policy();
    const incident = f.incident({ fields: { u_site: 'shop' } });
    const fromItem = f.runbook().runbook;
    assert.equal(
      shapeOf(f.incident({ fields: { category: '' } }), tag, [runbook], policy),
      shapeOf(f.incident({ fields: {} }), tag, [runbook], policy),
    );
    assert.equal(
      shapeOf(incident, tag, [fromItem], policy),
      shapeOf(incident, tag, [{ ...fromItem, parameters: {} }], policy),
    );
  });

  it('is stored: after an upgrade it is what it was, so that no incident is looked at for nothing', () => {
    const incident = f.incident({ fields: { category: 'software', x_handrail_tag: 'offer' } });
    const other = f.runbook({ match: { symptoms: ['5xx'], incident: { assigned_to: ['x'] } } }).runbook;
    const shapes = [tag, undefined].map((one) =>
      [
        [runbook, other],
        [other, runbook],
      ].map((runbooks) => shapeOf(incident, one, runbooks, f.policy().policy)),
    );
    const [tagged, bare] = [
      'c8757afcf8f896def9d6013d19ac4a7af4f6fcbc1124100e5b2f7ebdb8f5b0d7',
      'b4d56e19eb51712b2bf2176939b5f9d466b606c4098967b8d40238cec9b9c821',
    ];
    assert.deepEqual(shapes, [
      [tagged, tagged],
      [bare, bare],
    ]);
  });
});
