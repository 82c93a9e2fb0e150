import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { loadCatalogue } from '../../../src/adapters/catalogue/load.ts';
import { jsonSchema, schemas } from '../../../src/cli/schema.ts';
import { AppError } from '../../../src/domain/errors.ts';
import { edited, type Files, faults, good, load, now, policy, recycle } from './files.ts';

describe('loading runbooks and policy', () => {
  it('loads what fits, and leaves tests and other files alone', async () => {
    const { runbooks, policy: loaded } = await load({ ...good, 'recycle.test.yaml': '][', 'notes.md': '' });
    assert.deepEqual([...runbooks.keys()], ['recycle']);
    assert.equal(runbooks.get('recycle')?.runbook.cooldown, 1_800_000);
    assert.match(loaded.hash, /^[0-9a-f]{64}$/);
  });

  it('hashes what a file says, not how it is laid out', async () => {
    const hash = async (files: Files) => (await load(files)).runbooks.get('recycle')?.hash;
    const before = await hash(good);
    const moved = `# a comment\n${recycle.replace('version: 1.0.0\n', '')}\nversion:   '1.0.0'\n`;
    assert.equal(await hash({ ...good, 'recycle.yaml': moved }), before);
    assert.notEqual(await hash(edited('recycle.yaml', 'cooldown: 30m', 'cooldown: 31m')), before);
  });

  it('loads the runbooks that are shipped', async () => {
    const { runbooks } = await loadCatalogue('runbooks', now);
    assert.ok(runbooks.size >= 1);
    for (const file of readdirSync('runbooks').filter((name) => /^(?!policy)[^.]+\.yaml$/.test(name)))
      assert.ok(runbooks.has(file.replace('.yaml', '')), `${file} is not loaded`);
  });

  for (const [name, schema] of Object.entries(schemas))
    it(`ships the JSON Schema of a ${name} as it is now`, () => {
      const shipped: unknown = JSON.parse(readFileSync(`runbooks/${name}.schema.json`, 'utf8'));
      assert.deepEqual(shipped, jsonSchema(schema), 'run: npm run handrail -- schema');
    });

  it('says so when there is no policy, or no runbook', async () => {
    assert.deepEqual(await faults({ 'recycle.yaml': recycle }), ['policy.yaml:1 is missing']);
    assert.deepEqual((await faults({ 'policy.yaml': policy }))[0], '*.yaml:1 there is no runbook');
  });

  it('says which folder cannot be read', async () => {
    await assert.rejects(loadCatalogue('test/nowhere', now), (error: unknown) => {
      assert.ok(error instanceof AppError);
      assert.match(error.message, /^the folder .*nowhere does not exist$/);
      assert.match(error.fix, /on the command line, or in HANDRAIL_RUNBOOKS/);
      return true;
    });
    await assert.rejects(loadCatalogue('package.json', now), /package\.json cannot be read/);
  });
});
