import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { closeInstances, type Instance, ids, instance } from './instance.ts';

type Row = Readonly<Record<string, string>>;

/**
 * What servicenow.itsm does, request by request (plugins/module_utils/client.py, snow.py, table.py, attachment.py): with
 * Accept alone where there is no body, pages by X-Total-Count, and addresses over 2,048 characters shortened.
 */
function collection(sn: Instance) {
  const headers = {
    accept: 'application/json',
    authorization: `Basic ${Buffer.from('person:pw').toString('base64')}`,
  };
  const send = (
    method: string,
    path: string,
    query: Record<string, string>,
    body?: string,
    type?: string,
  ) => {
    const search = new URLSearchParams(query).toString();
    return fetch(`${sn.url}/${path}${search === '' ? '' : `?${search}`}`, {
      method,
      headers: { ...headers, ...(type === undefined ? {} : { 'content-type': type }) },
      ...(body === undefined ? {} : { body }),
    });
  };
  const write = async (method: string, path: string, data: unknown, wanted: number): Promise<Row> => {
    const query = { sysparm_exclude_reference_link: 'true' };
    const answer = await send(method, path, query, JSON.stringify(data), 'application/json');
    assert.equal(answer.status, wanted);
    return ((await answer.json()) as { result: Row }).result;
  };
  const get = async (path: string, query: Record<string, string>) => {
    const url = `${sn.url}/${path}?${new URLSearchParams(query)}`;
    if (url.length <= 2_048) return send('GET', path, query);
    const made = await send('POST', 'api/now/tinyurl', {}, JSON.stringify({ url }), 'application/json');
    const { result } = (await made.json()) as { result: string };
    const tiny = new URLSearchParams(result.split('?')[1]).get('sysparm_tiny') ?? '';
    return send('GET', path, { sysparm_tiny: tiny });
  };
  return {
    async list(path: string, query: Record<string, string>, batch = 1_000): Promise<Row[]> {
      const found: Row[] = [];
      for (let offset = 0, total = 1; offset < total; offset += batch) {
        const page = { ...query, sysparm_limit: String(batch), sysparm_offset: String(offset) };
        const answer = await get(path, { sysparm_exclude_reference_link: 'True', ...page });
        assert.equal(answer.status, 200);
        found.push(...((await answer.json()) as { result: Row[] }).result);
        total = Number(answer.headers.get('x-total-count'));
      }
      return found;
    },
    create: (table: string, data: unknown) => write('POST', `api/now/table/${table}`, data, 201),
    update: (table: string, sysId: string, data: unknown) =>
      write('PATCH', `api/now/table/${table}/${sysId}`, data, 200),
    async remove(path: string): Promise<void> {
      assert.equal((await send('DELETE', `api/now/${path}`, {})).status, 204);
    },
    async upload(sysId: string, name: string, text: string): Promise<Row> {
      const hash = createHash('sha256').update(text).digest('hex');
      const query = {
        table_name: 'incident',
        table_sys_id: sysId,
        file_name: name,
        content_type: 'text/plain',
        hash,
      };
      const answer = await send('POST', 'api/now/attachment/file', query, text, 'text/plain');
      const { result } = (await answer.json()) as { result: Row };
      assert.equal(result['hash'], hash);
      return result;
    },
  };
}

describe('What the Ansible collection servicenow.itsm sends', () => {
  let client: ReturnType<typeof collection>;
  beforeEach(async () => {
    client = collection(await instance({ seed: { sys_user: [{ sys_id: ids.db01, user_name: 'nadia' }] } }));
  });
  afterEach(closeInstances);

  it('finds a person, creates an incident for them, finds it by number, changes it and takes it away', async () => {
    const [caller] = await client.list('api/now/table/sys_user', { user_name: 'nadia' });
    const made = await client.create('incident', { caller_id: caller?.['sys_id'], state: '1', impact: '1' });
    assert.equal(made['caller_id'], ids.db01);
    const [found] = await client.list('api/now/table/incident', { number: made['number'] ?? '' });
    assert.deepEqual(found, made);
    const changed = await client.update('incident', made['sys_id'] ?? '', { state: '2' });
    assert.equal(changed['state'], '2');
    await client.remove(`table/incident/${made['sys_id']}`);
    assert.deepEqual(await client.list('api/now/table/incident', { number: made['number'] ?? '' }), []);
  });

  it('reads every page, and a query too long for an address', async () => {
    for (let n = 0; n < 5; n += 1) await client.create('incident', { short_description: `${n}` });
    const numbers = (await client.list('api/now/table/incident', {}, 2)).map((row) => row['number']);
    assert.equal(new Set(numbers).size, 5);
    const padding = Array.from({ length: 300 }, (_, n) => `INC9${String(n).padStart(6, '0')}`);
    const sysparm_query = `numberIN${[...padding, numbers[3]].join(',')}`;
    const [one, more] = await client.list('api/now/table/incident', { sysparm_query });
    assert.deepEqual([one?.['number'], more], [numbers[3], undefined]);
  });

  it('attaches a file, finds it by its record with its hash, and takes it away', async () => {
    const made = await client.create('incident', {});
    const file = await client.upload(made['sys_id'] ?? '', 'evidence.txt', 'größer');
    const of = { table_name: 'incident', table_sys_id: made['sys_id'] ?? '' };
    assert.deepEqual(
      (await client.list('api/now/attachment', of)).map((row) => [
        row['file_name'],
        row['size_bytes'],
        row['hash'],
      ]),
      [['evidence.txt', '8', file['hash']]],
    );
    await client.remove(`attachment/${file['sys_id']}`);
    assert.deepEqual(await client.list('api/now/attachment', of), []);
  });
});
