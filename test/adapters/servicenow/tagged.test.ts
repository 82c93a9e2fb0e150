import assert from 'node:assert/strict';
import { defaultMappings } from '../../../src/adapters/servicenow/mappings.ts';
import { AppError } from '../../../src/domain/errors.ts';
import type { Itsm } from '../../../src/ports.ts';
import { client, reply, scripted } from './instance.ts';
import { closeServers, simulation } from './simulation.ts';

const id = (n: number): string => n.toString(16).padStart(32, '0');
const tagged = (n: number, more: Readonly<Record<string, string>> = {}) => ({
  sys_id: id(n),
  number: `INC${n}`,
  state: '2',
  active: 'true',
  sys_mod_count: String(n),
  x_handrail_tag: 'offer',
  ...more,
});

describe('Tagged incidents in ServiceNow', () => {
  afterEach(closeServers);

  const all = async (itsm: Itsm) => {
    const found: string[] = [];
    let after: string | undefined;
    let pages = 0;
    do {
      const page = await itsm.tagged(after);
      found.push(
        ...page.incidents.map(({ sysId, modCount }) => `${Number.parseInt(sysId, 16)} at ${modCount}`),
      );
      after = page.after;
      pages += 1;
    } while (after !== undefined && pages < 20);
    return { found, pages };
  };

  it('are the open ones that carry the tag, each with its version', async () => {
    const { itsm } = await simulation({
      incident: [
        tagged(1),
        tagged(2, { x_handrail_tag: 'never' }),
        tagged(3, { x_handrail_tag: '' }),
        tagged(4, { active: 'false', state: '7' }),
        tagged(5),
      ],
    });
    assert.deepEqual(await all(itsm), { found: ['1 at 1', '5 at 5'], pages: 1 });
  });

  it('are read in pages, none twice and none left out, though rows come and go between', async () => {
    const incident = Array.from({ length: 450 }, (_, n) => tagged(n + 1));
    const { itsm } = await simulation({ incident });
    const { found, pages } = await all(itsm);
    assert.deepEqual([found.length, new Set(found).size, pages], [450, 450, 3]);
  });

  it('are nowhere on an instance without the column: it ignores that part of the query, and every row is judged again', async () => {
    const { url } = await scripted((_, response) =>
      reply(
        response,
        200,
        { result: [{ sys_id: id(1), active: 'true', sys_mod_count: '1' }] },
        { 'x-total-count': '1' },
      ),
    );
    await assert.rejects(client(url).tagged(), (error: unknown) => {
      assert.ok(error instanceof AppError);
      assert.equal(error.code, 'itsm-refused');
      assert.match(error.message, /by their tag x_handrail_tag/);
      assert.match(error.fix, /column that incident has/);
      return true;
    });
  });

  it('never ask a second time for the page that was just read', async () => {
    const rows = Array.from({ length: 201 }, (_, n) => ({
      sys_id: id(n + 1),
      active: 'true',
      sys_mod_count: '1',
      x_handrail_tag: 'offer',
    }));
    const { url, got } = await scripted((_, response) =>
      reply(response, 200, { result: rows }, { 'x-total-count': '201' }),
    );
    const { found, pages } = await all(client(url));
    assert.deepEqual([found.length, pages], [400, 2]);
    assert.ok(got.length <= 4);
  });

  it('put nothing into the query but the tag and a sys_id', async () => {
    const { url, got } = await scripted((_, response) =>
      reply(response, 200, { result: [] }, { 'x-total-count': '0' }),
    );
    const itsm = client(url);
    await itsm.tagged(id(7));
    await itsm.tagged('x^ORactive=true');
    assert.deepEqual(
      got.map(({ query }) => query.get('sysparm_query')),
      [
        `x_handrail_tag=offer^active=true^sys_id>${id(7)}^ORDERBYsys_id`,
        'x_handrail_tag=offer^active=true^ORDERBYsys_id',
      ],
    );
  });

  it('are not asked for where there is no column', async () => {
    const { url, got } = await scripted((_, response) => reply(response, 500, {}));
    const columns = { ...defaultMappings.columns, incidentTag: '' };
    const itsm = client(url, { mappings: { columns } });
    assert.deepEqual([await itsm.tagged(), got], [{ incidents: [] }, []]);
  });
});
