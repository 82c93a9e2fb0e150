import assert from 'node:assert/strict';
import { Instant, Moment, momentOf, readInstant } from '../../src/policy-cases/moment.ts';

const start = new Date('2026-11-18T10:00:00Z');
const at = (text: string): string => momentOf(text, start).toISOString();
const fault = (text: string): string => {
  const read = readInstant(text);
  return read.ok ? 'read' : read.message;
};

describe('a moment as people write it', () => {
  for (const [text, want] of [
    ['2026-11-18T10:00:00Z', '2026-11-18T10:00:00.000Z'],
    ['2026-11-18T11:00:00+01:00', '2026-11-18T10:00:00.000Z'],
    ['2026-11-18 11:00 Europe/Berlin', '2026-11-18T10:00:00.000Z'],
    ['2026-07-18T11:00 Europe/Berlin', '2026-07-18T09:00:00.000Z'],
    ['2026-11-18 10:00:59 UTC', '2026-11-18T10:00:59.000Z'],
    ['+2h', '2026-11-18T12:00:00.000Z'],
    ['-10m', '2026-11-18T09:50:00.000Z'],
    ['+0s', '2026-11-18T10:00:00.000Z'],
  ] as const)
    it(`reads ${text}`, () => assert.equal(at(text), want));

  it('says which two moments an hour that comes twice may mean', () =>
    assert.equal(
      fault('2026-10-25 02:30 Europe/Berlin'),
      'comes twice in Europe/Berlin: write 2026-10-25T02:30:00+02:00 or 2026-10-25T02:30:00+01:00',
    ));

  it('says that an hour that is left out does not exist', () =>
    assert.match(fault('2026-03-29 02:30 Europe/Berlin'), /^no clock in Europe\/Berlin shows this time/));

  for (const text of [
    'tomorrow',
    '2026-11-18',
    '2026-11-18T10:00:00',
    '2026-11-18 25:00 Europe/Berlin',
    '2026-13-01 10:00 Europe/Berlin',
    '2026-11-18 10:00 Europe/Bonn',
    '',
  ])
    it(`refuses ${text === '' ? 'nothing' : text}, with an example`, () =>
      assert.match(fault(text), /^is no moment: write 2026-11-18T10:00:00Z, or 2026-11-18 11:00 Europe/));

  it('takes a time from the start for a moment in a case, and never for its beginning', () => {
    assert.equal(Moment.safeParse('+2h').success, true);
    assert.equal(Moment.safeParse('2h').success, false);
    assert.equal(Instant.safeParse('+2h').success, false);
  });
});
