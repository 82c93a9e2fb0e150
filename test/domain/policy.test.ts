import assert from 'node:assert/strict';
import { type ChangeWindow, isOpen } from '../../src/domain/policy.ts';

const window = (zone: string): ChangeWindow => ({
  name: 'evenings',
  environments: ['production'],
  days: ['mon'],
  from: '18:00',
  to: '20:00',
  zone,
});

describe('a change window', () => {
  it('is judged by the wall clock of its own zone, whichever was judged before', () => {
    // Monday 18:30 in Berlin, 12:30 in New York, and Tuesday 02:30 in Tokyo
    const now = new Date('2026-11-23T17:30:00Z');
    const open = ['Europe/Berlin', 'America/New_York', 'Asia/Tokyo', 'Europe/Berlin'].map((zone) =>
      isOpen(window(zone), now),
    );
    assert.deepEqual(open, [true, false, false, true]);
    assert.equal(isOpen(window('America/New_York'), new Date('2026-11-23T23:30:00Z')), true);
  });

  it('follows daylight saving time', () => {
    assert.equal(isOpen(window('Europe/Berlin'), new Date('2026-07-06T16:30:00Z')), true);
    assert.equal(isOpen(window('Europe/Berlin'), new Date('2026-07-06T18:30:00Z')), false);
  });
});
