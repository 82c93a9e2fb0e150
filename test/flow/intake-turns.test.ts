import assert from 'node:assert/strict';
import { turns } from '../../src/flow/intake-turns.ts';

const rate = { most: 2, withinMs: 60_000 };
const limits = { perIncident: rate, perCi: rate, refusals: rate };

describe('the turns of the intake', () => {
  let now: number;
  let late: string[];
  const begin = () =>
    turns({ clock: { now: () => new Date(now) } }, limits, (what, key, until) =>
      late.push(`${what} ${key} until ${until.getTime()}`),
    );
  beforeEach(() => {
    now = 0;
    late = [];
  });

  it('keeps the turn of whoever has to wait: coming back for it takes no other one', () => {
    const pace = begin();
    const take = (holder: string) => pace.take('perCi', 'c', holder);
    assert.deepEqual(
      [take('a'), take('b'), take('x'), take('y'), take('z')],
      [undefined, undefined, 60_000, 60_000, 120_000],
    );
    assert.deepEqual([take('x'), take('z')], [60_000, 120_000]);
    now = 60_000;
    assert.deepEqual([take('z'), take('y'), take('x')], [120_000, undefined, undefined]);
    assert.equal(take('new'), 120_000);
  });

  it('gets through, for somebody who comes at each sweep for ever', () => {
    const pace = begin();
    let through = 0;
    for (now = 0; now < 600_000; now += 10_000)
      if (pace.take('perIncident', 'i', 'i') === undefined) through += 1;
    assert.ok(through >= 18 && through <= 22, `${through} of at most 20`);
  });

  it('says once that something comes too fast, and again only after a quiet minute', () => {
    const pace = begin();
    for (now = 0; now < 300_000; now += 5_000) pace.take('perIncident', 'i', 'i');
    assert.deepEqual(late, ['perIncident i until 60000']);
    now += 200_000;
    for (let n = 0; n < 4; n++) pace.take('perIncident', 'i', 'i');
    assert.equal(late.length, 2);
  });

  it('counts each incident, each item and what is refused on its own', () => {
    const pace = begin();
    const taken = [
      pace.take('perIncident', 'i', 'i'),
      pace.take('perIncident', 'j', 'j'),
      pace.take('perCi', 'i', 'i'),
      pace.take('refusals', '', ''),
    ];
    assert.deepEqual([...taken, pace.take('perIncident', 'i', 'i')], Array(5).fill(undefined));
  });

  it('forgets what limits nobody any more, and nothing else', () => {
    const pace = begin();
    for (let n = 0; n < 3; n++) pace.take('perCi', 'c', `h${n}`);
    now = 60_001;
    pace.forget();
    assert.equal(pace.take('perCi', 'c', 'h2'), undefined);
    assert.equal(pace.take('perCi', 'c', 'h3'), undefined);
    assert.equal(pace.take('perCi', 'c', 'h4'), 120_000);
    now = 300_000;
    pace.forget();
    assert.equal(pace.take('perCi', 'c', 'h4'), undefined);
  });
});
