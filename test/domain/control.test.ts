import assert from 'node:assert/strict';
import { CONTROL, noControl, standsInFor } from '../../src/domain/control.ts';
import { startOf } from '../../src/domain/run.ts';
import * as f from '../fakes/domain.ts';

const until = f.minutes(60).toISOString();
const delegated = (from: string, to: string, end = until) => ({
  from: f.person(from),
  to: f.person(to),
  until: end,
  reason: 'holiday',
});
const names = (
  by: Parameters<typeof standsInFor>[1],
  now: Date,
  ...delegations: ReturnType<typeof delegated>[]
) => standsInFor({ delegations }, by, now).map((one) => one.from.name);

describe('the control stream', () => {
  it('has an id that no run has: that of the first moment there is', () => {
    assert.match(CONTROL, /^[0-9A-HJKMNP-TV-Z]{26}$/);
    assert.equal(startOf(CONTROL).getTime(), 0);
    assert.ok(CONTROL < f.RUN);
  });

  it('begins with nothing stopped and nobody standing in', () => {
    assert.deepEqual(noControl, { delegations: [] });
  });
});

describe('a person stands in', () => {
  it('for each who said so, and for nobody else', () => {
    const all = [delegated('arne', 'mia'), delegated('nadia', 'mia'), delegated('mia', 'arne')];
    assert.deepEqual(names(f.mia, f.T0, ...all), ['arne', 'nadia']);
    assert.deepEqual(names(f.arne, f.T0, ...all), ['mia']);
    assert.deepEqual(names(f.olivia, f.T0, ...all), []);
  });

  it('up to the moment it ends, and not in it', () => {
    assert.deepEqual(names(f.mia, new Date(f.minutes(60).getTime() - 1), delegated('arne', 'mia')), ['arne']);
    assert.deepEqual(names(f.mia, f.minutes(60), delegated('arne', 'mia')), []);
    assert.deepEqual(names(f.mia, f.T0, delegated('arne', 'mia', 'some day')), []);
  });

  it('by the id, not by the name', () => {
    const namesake = { ...f.person('other'), name: f.mia.name };
    assert.deepEqual(names(namesake, f.T0, delegated('arne', 'mia')), []);
  });
});
