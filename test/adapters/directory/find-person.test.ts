import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { EntraDirectorySettings } from '../../../src/adapters/directory/entra-directory.ts';
import { world as graph, id, refused } from './world.ts';

const people = [
  {
    id: id(1),
    displayName: 'Ada',
    userPrincipalName: 'ada@contoso.example',
    mail: 'a.lovelace@contoso.example',
  },
  {
    id: id(2),
    displayName: "Pat O'Hara",
    userPrincipalName: 'pat@contoso.example',
    mail: "o'hara@contoso.example",
  },
  {
    id: id(3),
    displayName: 'Twin',
    userPrincipalName: 'twin1@contoso.example',
    mail: 'twin@contoso.example',
  },
  {
    id: id(4),
    displayName: 'Twin',
    userPrincipalName: 'twin2@contoso.example',
    mail: 'twin@contoso.example',
  },
  { id: id(5), displayName: 'Guest', userPrincipalName: 'guest_x.org#EXT#@contoso.example' },
];
const world = (changes: Partial<EntraDirectorySettings> = {}) => graph({ people, groups: [] }, changes);
const [byName, byMail] = ['GET /v1.0/users/:id', 'GET /v1.0/users'] as const;

describe('A person in Entra', () => {
  it('is found by object id, principal name and email address, in any letter case', async () => {
    const { directory, close } = await world();
    for (const named of [
      id(1),
      id(1).toUpperCase(),
      'ada@contoso.example',
      'ADA@contoso.example',
      'A.Lovelace@contoso.example',
    ])
      assert.deepEqual(await directory.person(named), { id: id(1), name: 'Ada' }, named);
    await close();
  });

  it('may have a quote or a number sign in the name', async () => {
    const { directory, close } = await world();
    assert.equal((await directory.person("o'hara@contoso.example"))?.id, id(2));
    assert.equal((await directory.person('guest_x.org#EXT#@contoso.example'))?.id, id(5));
    await close();
  });

  it('is nobody when the tenant has no such id or address', async () => {
    const { directory, close } = await world();
    assert.equal(await directory.person(id(77)), undefined);
    assert.equal(await directory.person('nobody@contoso.example'), undefined);
    assert.equal(await directory.person("x' or mail ne '@y"), undefined);
    await close();
  });

  it('is not asked for by anything that is neither', async () => {
    const { directory, faults, close } = await world();
    await fc.assert(
      fc.asyncProperty(
        fc.string().filter((text) => !text.includes('@')),
        async (text) => assert.equal(await directory.person(text), undefined),
      ),
      { numRuns: 50 },
    );
    assert.equal(await directory.person('two words@contoso.example'), undefined);
    assert.deepEqual(await faults.requests(), {});
    await close();
  });

  it('cannot be told when several have the address', async () => {
    const { directory, close } = await world();
    const error = await refused(directory.person('twin@contoso.example'), 'directory-refused');
    assert.match(error.fix, /principal name/);
    await close();
  });

  it('is remembered for some seconds, also that there is none', async () => {
    let now = 0;
    const { directory, faults, close } = await world({
      cacheSeconds: 10,
      clock: { now: () => new Date(now) },
    });
    for (let n = 0; n < 3; n += 1) {
      await directory.person('ada@contoso.example');
      await directory.person('nobody@contoso.example');
    }
    assert.deepEqual(await faults.requests(), { [byName]: 2, [byMail]: 1 });
    now = 10_000;
    await directory.person('ada@contoso.example');
    assert.equal((await faults.requests())[byName], 3);
    await close();
  });

  it('is unknown, not nobody, when Graph does not answer or a gateway says 404', async () => {
    const { directory, faults, close } = await world();
    await faults.arm({ status: 503, times: 3 });
    await refused(directory.person(id(1)), 'directory-unreachable');
    await faults.arm({ status: 404, body: '<html>no route</html>' });
    await refused(directory.person(id(1)), 'directory-refused');
    await faults.arm({ status: 403 });
    await refused(directory.person(id(1)), 'directory-refused');
    await close();
  });

  it('is refused when Graph answers with somebody else', async () => {
    const { directory, faults, close } = await world();
    const headers = { 'content-type': 'application/json' };
    const somebody = { id: id(2), displayName: 'Ben', mail: 'ben@contoso.example' };
    await faults.arm({ status: 200, headers, body: JSON.stringify(somebody) });
    await refused(directory.person(id(1)), 'directory-refused');
    await faults.arm({ status: 404, headers, body: '{"error":{"code":"Request_ResourceNotFound"}}' });
    await faults.arm({ status: 200, headers, body: JSON.stringify({ value: [somebody] }) });
    await refused(directory.person('nobody@contoso.example'), 'directory-refused');
    await close();
  });
});
