import assert from 'node:assert/strict';
import { CONTROL, noControl, standsInFor } from '../../src/domain/control.ts';
import type { RunEvent } from '../../src/domain/events.ts';
import { newRun } from '../../src/domain/run.ts';
import { startOf } from '../../src/domain/run-id.ts';
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

describe('the fold of the control stream', () => {
  const controlAfter = (...commands: [by: typeof f.arne, event: RunEvent][]) =>
    commands.reduce(
      (run, [by, event]) => f.store(run, f.command('resume', by, { reason: '' }), [event]),
      newRun(CONTROL),
    ).control;
  const delegate = (from: string, to: string): RunEvent => ({
    type: 'vote-delegated',
    data: delegated(from, to),
  });
  const stop: RunEvent = { type: 'dispatch-stopped', data: { reason: 'bad release' } };
  const resume: RunEvent = { type: 'dispatch-resumed', data: { reason: 'fixed' } };
  const stopped = { by: f.mia, reason: 'bad release', at: f.T0.toISOString() };

  it('is stopped by whom, why and since when, until it is resumed; delegations stay', () => {
    assert.deepEqual(controlAfter([f.mia, stop]), { delegations: [], stopped });
    assert.deepEqual(controlAfter([f.mia, stop], [f.arne, resume]), { delegations: [] });
    const both = controlAfter([f.arne, delegate('arne', 'mia')], [f.mia, stop]);
    assert.deepEqual(both, { delegations: [delegated('arne', 'mia')], stopped });
    const resumed = controlAfter([f.arne, delegate('arne', 'mia')], [f.mia, stop], [f.mia, resume]);
    assert.deepEqual(resumed, { delegations: [delegated('arne', 'mia')] });
  });

  it('keeps the latest delegation of each person', () => {
    const control = controlAfter(
      [f.arne, delegate('arne', 'mia')],
      [f.mia, stop],
      [f.mia, delegate('mia', 'nadia')],
      [f.arne, delegate('arne', 'nadia')],
    );
    assert.deepEqual(control, {
      delegations: [delegated('mia', 'nadia'), delegated('arne', 'nadia')],
      stopped,
    });
  });

  it('ends the delegation of one person, and of nobody else', () => {
    const control = controlAfter(
      [f.arne, delegate('arne', 'mia')],
      [f.mia, delegate('mia', 'nadia')],
      [f.arne, { type: 'delegation-ended', data: { from: f.arne } }],
    );
    assert.deepEqual(control, { delegations: [delegated('mia', 'nadia')] });
  });
});
