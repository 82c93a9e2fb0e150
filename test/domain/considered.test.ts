import assert from 'node:assert/strict';
import { type Considered, isOffered, isOld, shapeOf, unfit } from '../../src/domain/considered.ts';
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

  it('says which incident and why', () =>
    assert.equal(unfit(f.incident({ state: 'closed' }), tag, undefined)?.why, 'INC0010023 is closed'));

  it('has no tag where none is set up', () => {
    for (const fields of [{ x_handrail_tag: 'never' }, {}])
      assert.equal(unfit(f.incident({ fields }), undefined, before), undefined);
    assert.equal(isOffered(f.incident({ fields: tagged }), undefined), false);
    assert.equal(isOffered(f.incident({ fields: tagged }), tag), true);
  });
});

describe('the shape of an incident', () => {
  const { runbook } = f.runbook({
    match: { symptoms: ['5xx'], incident: { category: ['software'] } },
    parameters: { pool: { type: 'string', title: 'Pool', from: ['incident.u_site', 'ci.u_site'] } },
  });
  const shape = (change: Partial<Incident> = {}) => {
    const fields = { category: 'software', u_site: 'shop', impact: '2', comments: 'x', ...change.fields };
    return shapeOf(f.incident({ ...change, fields }), tag, [runbook], f.policy().policy);
  };
  for (const [name, change, same] of [
    ['another version', { modCount: 9, updatedBy: 'somebody' }, true],
    ['another open state', { state: 'in-progress' }, true],
    ['a column nobody looks at', { fields: { comments: 'y' } }, true],
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
});
