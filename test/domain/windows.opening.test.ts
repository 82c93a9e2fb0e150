import assert from 'node:assert/strict';
import { ChangeWindow, clearFrom, Freeze, freezeAt, openingAfter } from '../../src/domain/windows.ts';

const window = (days: string[], from: string, to: string, zone = 'UTC'): ChangeWindow =>
  ChangeWindow.parse({ name: 'w', environments: ['production'], days, from, to, zone });

describe('the next opening', () => {
  const opening = (windows: ChangeWindow[], at: string) => {
    const next = openingAfter(windows, new Date(at));
    return next && `${next.window.name} ${next.at.toISOString()}`;
  };
  const named = (name: string, ...rule: Parameters<typeof window>) => ({ ...window(...rule), name });
  const sunday = named('a', ['sun'], '09:00', '17:00');

  it('is now while a window is open', () => {
    assert.equal(opening([sunday], '2026-11-22T09:00:00Z'), 'a 2026-11-22T09:00:00.000Z');
    assert.equal(opening([sunday], '2026-11-22T16:59:59.999Z'), 'a 2026-11-22T16:59:59.999Z');
  });

  it('is the next occurrence once it has closed', () => {
    assert.equal(opening([sunday], '2026-11-22T17:00:00Z'), 'a 2026-11-29T09:00:00.000Z');
    assert.equal(opening([sunday], '2026-11-22T08:59:59.999Z'), 'a 2026-11-22T09:00:00.000Z');
  });

  it('is that of the window that opens first, whatever the order', () => {
    const monday = named('b', ['mon'], '01:00', '02:00', 'Asia/Kolkata');
    assert.equal(opening([sunday, monday], '2026-11-22T17:00:00Z'), 'b 2026-11-22T19:30:00.000Z');
    assert.equal(opening([monday, sunday], '2026-11-22T17:00:00Z'), 'b 2026-11-22T19:30:00.000Z');
    assert.equal(opening([monday, sunday], '2026-11-22T08:00:00Z'), 'a 2026-11-22T09:00:00.000Z');
  });

  it('is none without windows', () => {
    assert.equal(opening([], '2026-11-22T17:00:00Z'), undefined);
  });

  it('is looked for before 1970 as well', () => {
    assert.equal(opening([sunday], '1969-12-30T00:00:00Z'), 'a 1970-01-04T09:00:00.000Z');
    assert.equal(
      opening([named('w', ['tue'], '09:00', '10:00')], '1969-12-30T00:00:00Z'),
      'w 1969-12-30T09:00:00.000Z',
    );
  });
});

describe('a freeze', () => {
  const freeze = (name: string, from: string, to: string) =>
    Freeze.parse({ name, environments: ['test'], from: `2026-11-${from}Z`, to: `2026-11-${to}Z` });
  const week = freeze('week', '02T00:00:00', '09T00:00:00');
  const at = (freezes: Freeze[], now: string) => {
    const found = freezeAt(freezes, new Date(`2026-11-${now}Z`));
    return found && `${found.freeze.name} ${found.until.toISOString()}`;
  };

  it('holds from its first to its last moment', () => {
    assert.equal(at([week], '01T23:59:59.999'), undefined);
    assert.equal(at([week], '02T00:00:00'), 'week 2026-11-09T00:00:00.000Z');
    assert.equal(at([week], '08T23:59:59.999'), 'week 2026-11-09T00:00:00.000Z');
    assert.equal(at([week], '09T00:00:00'), undefined);
    assert.equal(at([], '02T00:00:00'), undefined);
  });

  it('ends when the last of those that follow each other does', () => {
    const next = freeze('next', '08T00:00:00', '10T00:00:00');
    const last = freeze('last', '10T00:00:00', '11T00:00:00');
    assert.equal(at([last, next, week], '03T00:00:00'), 'week 2026-11-11T00:00:00.000Z');
    assert.equal(at([last, week], '03T00:00:00'), 'week 2026-11-09T00:00:00.000Z');
  });

  it('has to end after it begins', () => {
    assert.throws(() => freeze('none', '02T00:00:00', '02T00:00:00'), /must be later than from/);
    const { error } = Freeze.safeParse({ ...week, to: week.from });
    assert.deepEqual(error?.issues[0]?.path, ['to']);
    assert.doesNotThrow(() => freeze('short', '02T00:00:00', '02T00:00:01'));
  });
});

describe('a freeze as it is written', () => {
  const least = {
    name: 'x',
    environments: ['test'],
    from: '2026-12-20T00:00:00Z',
    to: '2027-01-06T00:00:00Z',
  };
  for (const change of [
    {},
    { from: '2026-12-20T00:00:00+01:00' },
    { to: '2026-12-20T00:00:00-01:00' },
    { environments: ['production', 'staging', 'test', 'development'] },
  ])
    it(`may say ${JSON.stringify(change)}`, () =>
      assert.deepEqual(Freeze.parse({ ...least, ...change }), { ...least, ...change }));

  for (const change of [
    ...[{ name: '' }, { environments: [] }, { environments: ['qa'] }, { environments: [''] }],
    ...[{ from: '2026-12-20' }, { from: '2026-12-20T00:00:00' }, { to: 'never' }, { zone: 'UTC' }],
  ])
    it(`may not say ${JSON.stringify(change)}`, () =>
      assert.equal(Freeze.safeParse({ ...least, ...change }).success, false));
});

describe('the moment from which no span covers', () => {
  const spans = [
    { from: 10, to: 20 },
    { from: 15, to: 30 },
    { from: 12, to: 14 },
    { from: 31, to: 40 },
  ];

  it('is the end of those that overlap, or now', () => {
    assert.deepEqual(
      [9, 10, 19, 29, 30, 31, 39, 40].map((at) => clearFrom(spans, at)),
      [9, 30, 30, 30, 30, 40, 40, 40],
    );
  });
});
