import assert from 'node:assert/strict';
import type { RunEvent } from '../../src/domain/events.ts';
import { incidentChangeOf } from '../../src/domain/incident-change.ts';
import * as f from '../fakes/domain.ts';

describe('what became of the incident while steps were under way', () => {
  const running = f.after(f.diagnosing);
  const changed = (reason: string): RunEvent => ({ type: 'incident-changed', data: { reason } });
  const said = (...events: RunEvent[]) => incidentChangeOf(f.store(running, f.anyOf.reconsider, events));

  it('is nothing when it stayed as it was', () => assert.equal(said(), undefined));

  it('is what was seen last, whatever happened since', () => {
    const cancelled: RunEvent = { type: 'cancel-requested', data: { reason: 'wrong server' } };
    assert.equal(said(changed('INC1 is closed'), cancelled), 'INC1 is closed');
    assert.equal(
      said(changed('INC1 is closed'), changed('INC1 names another item')),
      'INC1 names another item',
    );
  });
});
