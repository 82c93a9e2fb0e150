import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { maxCardBytes } from '../../cards/card.ts';
import { type Exhibit, gallery } from './gallery.ts';

const golden = path.join(import.meta.dirname, 'golden');
const cards = path.join(import.meta.dirname, '..', '..', 'cards');
const rewrite = process.env['UPDATE_GOLDEN'] === '1';

/** Compares with the file, or writes it when asked to. */
function matches(file: string, value: unknown): void {
  if (rewrite) {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
  }
  assert.deepEqual(value, JSON.parse(readFileSync(file, 'utf8')));
}

const samples = gallery.filter(({ template, name }) => template === name);

describe('cards', () => {
  for (const { name, card } of gallery) {
    it(`draws ${name} as in its golden file`, () => {
      const drawn = card();
      matches(path.join(golden, `${name}.json`), drawn);
      const json = JSON.stringify(drawn);
      assert.ok(!json.includes('${'), 'nothing is left unfilled');
      assert.ok(Buffer.byteLength(json) < maxCardBytes / 2, 'an ordinary card has room to grow');
    });
  }

  for (const { name, view } of samples) {
    it(`keeps the sample of ${name}, which opens in the card designer, true to its view`, () => {
      matches(path.join(cards, `${name}.sample.json`), view);
    });
  }

  it('has a sample for every template', () => {
    const templates = new Set(gallery.map((one) => one.template));
    assert.deepEqual(new Set(samples.map((one) => one.template)), templates);
  });

  for (const exhibit of gallery) {
    it(`tests only what the view of ${exhibit.name} has`, () => {
      for (const path of conditions(exhibit)) assert.ok(path in exhibit.view, `$when names ${path}`);
    });
  }
});

/** The fields `$when` asks about. The library takes an unknown one for false and says nothing. */
function conditions({ template }: Exhibit): string[] {
  const json = readFileSync(path.join(cards, `${template}.json`), 'utf8');
  return [...json.matchAll(/"\$when": "\$\{(.+?)\}"/g)].map((match) => match[1] ?? '');
}
