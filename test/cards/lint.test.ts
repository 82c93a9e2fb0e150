import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { runInThisContext } from 'node:vm';
import { build } from 'esbuild';
import type { Card } from '../../cards/card.ts';
import { gallery } from './gallery.ts';

/** What the script below makes of the library. */
type Lint = (card: unknown) => string[];

/** The library cannot be loaded by Node as it is; bundled it can. */
const script = `
import * as AC from 'adaptivecards-renderer';
export const lint = (json) => {
  const card = new AC.AdaptiveCard();
  const context = new AC.SerializationContext(AC.Versions.v1_5);
  card.parse(json, context);
  const parsed = Array.from({ length: context.eventCount }, (_, i) => context.getEventAt(i).message);
  return [...parsed, ...card.validateProperties().validationEvents.map((event) => event.message)];
};`;

async function load(): Promise<Lint> {
  const built = await build({
    stdin: { contents: script, resolveDir: import.meta.dirname, loader: 'js' },
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'node',
    logLevel: 'error',
  });
  const module: { exports: { lint?: Lint } } = { exports: {} };
  const run = runInThisContext(`(function (module, exports, require) {${built.outputFiles[0]?.text}\n})`);
  run(module, module.exports, createRequire(import.meta.url));
  assert.ok(module.exports.lint);
  return module.exports.lint;
}

describe('the Adaptive Cards validator', () => {
  let lint: Lint;
  before(async () => {
    lint = await load();
  });

  it('finds what is wrong, so that its silence means something', () => {
    const wrong = { type: 'AdaptiveCard', version: '1.5', body: [{ type: 'TextBlok', text: 'x' }] };
    assert.equal(lint(wrong).length, 1);
  });

  for (const { name, card } of gallery) {
    it(`has nothing to say about ${name}`, () => {
      assert.deepEqual(lint(card()), []);
    });
  }
});

type Node = Readonly<Record<string, unknown>>;
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;

function nodesOf(value: unknown): Node[] {
  if (!isNode(value)) return [];
  return [value, ...Object.values(value).flatMap(nodesOf)];
}
const all = (card: Card, type: string) => nodesOf(card).filter((node) => node['type'] === type);

/** What version 1.5 has and the test client draws; anything else takes its whole parent with it. */
const known = [
  ...[
    'AdaptiveCard',
    'Container',
    'ColumnSet',
    'Column',
    'TextBlock',
    'RichTextBlock',
    'TextRun',
    'ActionSet',
  ],
  ...['Input.Text', 'Input.Number', 'Input.ChoiceSet'],
  ...['Action.Execute', 'Action.Submit', 'Action.ShowCard', 'Action.ToggleVisibility', 'Action.OpenUrl'],
];

describe('every card', () => {
  for (const { name, card } of gallery) {
    it(`${name} uses only what every client draws`, () => {
      const types = nodesOf(card()).flatMap((node) =>
        typeof node['type'] === 'string' ? [node['type']] : [],
      );
      assert.deepEqual(
        [...new Set(types)].filter((type) => !known.includes(type)),
        [],
      );
    });

    it(`${name} wraps its text, labels its inputs and has a line for clients without cards`, () => {
      const drawn = card();
      const cut = all(drawn, 'TextBlock').filter((node) => node['wrap'] !== true);
      const environments = ['PRODUCTION', 'PRODUCTION?', 'TEST'];
      assert.deepEqual(
        cut.filter((node) => !environments.includes(String(node['text']))),
        [],
      );
      const inputs = nodesOf(drawn).filter((node) => String(node['type']).startsWith('Input.'));
      for (const input of inputs) assert.ok(input['label'], `${input['id']} has a label`);
      assert.ok(drawn['fallbackText']);
    });

    it(`${name} sends back an id and never state`, () => {
      for (const button of all(card(), 'Action.Execute')) {
        assert.ok(isNode(button['data']) && isNode(button['fallback']) && isNode(button['fallback']['data']));
        const votes = ['approve', 'reject', 'narrow', 'break-glass'].includes(String(button['verb']));
        assert.deepEqual(Object.keys(button['data']), ['run', 'revision', ...(votes ? ['card'] : [])]);
        assert.deepEqual(button['fallback']['data'], { verb: button['verb'], ...button['data'] });
      }
    });
  }
});
