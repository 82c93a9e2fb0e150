import assert from 'node:assert/strict';
import { closeInstances, ids, instance } from './instance.ts';

const route = '/api/now/on_call_rota/whoisoncall';
const [rota, roster, ada, ben] = ['1', '2', '3', '4'].map((letter) => letter.repeat(32)) as [
  string,
  string,
  string,
  string,
];
const seed = {
  cmn_rota: [{ sys_id: rota, name: 'web', group: ids.webTeam }],
  cmn_rota_roster: [{ sys_id: roster, name: 'first', rota }],
  cmn_rota_member: [
    { roster, member: ada, order: '100', to: '2026-11-22' },
    { roster, member: ben, order: '200' },
  ],
};

describe('The simulated On-Call Scheduling', () => {
  afterEach(closeInstances);

  const ask = async (query: string) => {
    const sn = await instance({ seed, now: () => new Date('2026-11-22T10:00:00Z') });
    const answer = await sn.call('GET', `${route}?${query}`);
    return { ...answer, users: answer.status === 200 ? answer.rows.map((row) => row['userId']) : [] };
  };

  it('names those whose days cover the time, of the groups or rotas that are asked for', async () => {
    assert.deepEqual((await ask(`group_ids=${ids.webTeam}`)).users, [ada, ben]);
    assert.deepEqual((await ask(`rota_ids=${rota}&date_time=2026-11-23%2000:00:00`)).users, [ben]);
    assert.deepEqual((await ask(`group_ids=${ids.db01}`)).users, []);
  });

  it('says of each which group and in which order', async () => {
    const [first] = (await ask(`group_ids=${ids.webTeam}`)).rows as unknown as Record<string, unknown>[];
    assert.deepEqual([first?.['group'], first?.['order'], first?.['isDevice']], [ids.webTeam, 100, false]);
  });

  it('wants to know of whom, and a time it can read', async () => {
    assert.equal((await ask('group_sys_id=x')).status, 400);
    assert.equal((await ask(`group_ids=${ids.webTeam}&date_time=tomorrow`)).status, 400);
  });
});
