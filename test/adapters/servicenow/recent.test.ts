import assert from 'node:assert/strict';
import { askedLess, type RecentItsm } from '../../../src/adapters/servicenow/recent.ts';

describe('ServiceNow asked less often', () => {
  let now: Date;
  let asked: string[];
  let fails: boolean;
  let itsm: RecentItsm;
  beforeEach(() => {
    now = new Date('2026-11-22T09:00:00Z');
    asked = [];
    fails = false;
    const answer =
      <T>(name: string, value: T) =>
      async (...args: readonly unknown[]): Promise<T> => {
        asked.push(`${name} ${args.map(String).join(' ')}`.slice(0, 20).trim());
        if (fails) throw new Error('away');
        return value;
      };
    itsm = askedLess(
      {
        incident: answer('incident', undefined),
        ci: answer('ci', undefined),
        owner: answer('owner', { nobody: 'x' }),
        changes: answer('changes', []),
        relations: answer('relations', undefined),
        majorIncidents: answer('major', []),
        schedule: answer('schedule', []),
        onCall: answer('onCall', ['arne@contoso.example']),
        update: answer('update', {}),
        attach: answer('attach', undefined),
        tagged: answer('tagged', { incidents: [] }),
        isOwnUpdate: () => false,
      },
      { now: () => now },
    );
  });
  const later = (ms: number) => {
    now = new Date(now.getTime() + ms);
  };

  it('answers what hardly changes from before, for some seconds and for the same question only', async () => {
    for (const wait of [0, 19_999, 1]) {
      later(wait);
      await itsm.relations('a');
    }
    await itsm.relations('b');
    assert.deepEqual(asked, ['relations a', 'relations a', 'relations b']);
  });

  it('shares one call among those who ask at the same time', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => itsm.onCall('Web', now)));
    assert.deepEqual([asked.length, answers.flat().length], [1, 3]);
  });

  it('keeps no failure', async () => {
    fails = true;
    await assert.rejects(itsm.majorIncidents(['a', 'b']), /away/);
    fails = false;
    assert.deepEqual(await itsm.majorIncidents(['a', 'b']), []);
    assert.equal(asked.length, 2);
  });

  it('asks for a schedule again when another length of time is asked for', async () => {
    const to = (ms: number) => new Date(now.getTime() + ms);
    await itsm.schedule('a', now, to(1_000));
    later(5);
    await itsm.schedule('a', now, to(1_000));
    await itsm.schedule('a', now, to(2_000));
    assert.equal(asked.length, 2);
  });

  it('tells when an answer was read: now for a fresh one, earlier for one from before', async () => {
    const first = await itsm.changes('a', now);
    assert.deepEqual(itsm.readAt(first), new Date('2026-11-22T09:00:00Z'));
    const schedule = await itsm.schedule('a', now, now);
    later(7_000);
    assert.equal(await itsm.schedule('a', now, now), schedule);
    assert.deepEqual(itsm.readAt(schedule), new Date('2026-11-22T09:00:00Z'));
    later(13_000);
    assert.deepEqual(itsm.readAt(await itsm.schedule('a', now, now)), new Date('2026-11-22T09:00:20Z'));
    for (const other of [[], undefined, 'x']) assert.equal(itsm.readAt(other), undefined);
  });

  it('reads incidents, items and changes fresh', async () => {
    for (let n = 0; n < 2; n++) {
      await itsm.incident({ sysId: 'a' });
      await itsm.ci('a');
      await itsm.changes('a', now);
    }
    assert.equal(asked.length, 6);
  });
});
