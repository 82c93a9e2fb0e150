import assert from 'node:assert/strict';
import { mayFollow } from '../../src/domain/follow-up.ts';
import type { Relations } from '../../src/domain/incident.ts';
import { needsOf } from '../../src/domain/needs.ts';
import { membersIn, takesMembers } from '../../src/domain/values-now.ts';
import * as f from '../fakes/domain.ts';

const ok = <T>(value: T) => ({ ok: true, value }) as const;
const relations = (names: readonly string[], truncated = false) => {
  const members = names.map((name) => ({ sysId: name, name, class: 'cmdb_ci_app_server' }));
  return { relations: ok<Relations>({ dependents: [], members, truncated }) };
};
const pool = f.rolling({ from: ['members'], default: ['web9'] });

describe('what an item consists of', () => {
  it('is taken when all of it could be read', () =>
    assert.deepEqual(membersIn(relations(['web1', 'web2'])), ['web1', 'web2']));

  it('is not taken in part: not when there is more, nor when one may not be read', () => {
    assert.equal(membersIn(relations(['web1', 'web2'], true)), undefined);
    assert.equal(membersIn(relations(['web1', ''])), undefined);
    assert.equal(membersIn({ relations: { ok: false, why: 'it did not answer' } }), undefined);
  });

  it('is asked for where a list may come from it, and nowhere else', () => {
    const { policy } = f.policy({ majorIncident: 'allow' });
    const asks = (loaded: typeof pool) => [
      takesMembers(loaded.runbook),
      needsOf(policy, loaded.runbook).relations,
    ];
    assert.deepEqual(asks(pool), [true, true]);
    assert.deepEqual(asks(f.rolling()), [false, false]);
    assert.deepEqual(asks(f.runbook()), [false, false]);
  });

  it('is no reason to propose again: it was not read for that', () => {
    const world = f.world(relations(['web1', 'web2']));
    const { runbook } = pool;
    const last = f.after([f.anyOf.propose, f.anyOf.reject], { runbook: pool, world });
    assert.deepEqual(last.parameters[0]?.value, ['web1', 'web2']);
    assert.equal(mayFollow(last, runbook, f.incident(), f.ci()), false);
  });

  it('is a reason when another source names other hosts now', () => {
    const loaded = f.rolling();
    const world = f.world({ ci: ok(f.ci({ fields: { u_servers: 'web1 web2' } })) });
    const last = f.after([f.anyOf.propose, f.anyOf.reject], { runbook: loaded, world });
    const now = (u_servers: string) =>
      mayFollow(last, loaded.runbook, f.incident(), f.ci({ fields: { u_servers } }));
    assert.deepEqual([now('web1,web2'), now('web1,web3')], [false, true]);
  });
});
