import assert from 'node:assert/strict';
import { z } from 'zod';
import { defineCard, maxCardBytes } from '../../cards/card.ts';

const template = (text: string) => ({
  type: 'AdaptiveCard',
  version: '1.5',
  body: [{ type: 'TextBlock', text }],
});
const View = z.strictObject({ name: z.string() });
const draw = defineCard('greeting', template(`Hello \${name}`), View);

describe('a card', () => {
  it('is its template filled with its view', () => {
    assert.deepEqual(draw({ name: 'Arne' }), template('Hello Arne'));
  });

  it('refuses a view that does not fit its schema', () => {
    assert.throws(() => draw(JSON.parse('{"name": 1}')), z.ZodError);
    assert.throws(() => draw(JSON.parse('{"name": "Arne", "more": 1}')), z.ZodError);
  });

  it('takes the type of its schema', () => {
    // @ts-expect-error a card without its view does not compile
    assert.throws(() => draw({}), z.ZodError);
  });

  it('refuses a template that names what the view lacks, alone or within a text', () => {
    assert.throws(() => defineCard('alone', template(`\${nobody}`), View)({ name: 'x' }), /no nobody/u);
    assert.throws(
      () => defineCard('within', template(`Hello \${nobody}!`), View)({ name: 'x' }),
      /card within: \$\{.*nobody.* was left unfilled/u,
    );
  });

  it('never fills in what the view itself says', () => {
    assert.deepEqual(draw({ name: `\${name} \${1 + 1}` }), template(`Hello \${name} \${1 + 1}`));
  });

  it('is drawn again with the shorter view when it is too large', () => {
    const long = { name: 'x'.repeat(maxCardBytes) };
    assert.deepEqual(
      draw(long, () => ({ name: 'short' })),
      template('Hello short'),
    );
  });

  it('counts bytes, not characters', () => {
    assert.throws(() => draw({ name: 'é'.repeat(maxCardBytes / 2) }), RangeError);
  });

  it('keeps room for what is put into its buttons before it leaves', () => {
    const action = { type: 'Action.Execute', verb: 'approve', data: { card: '' } };
    const voting = defineCard('voting', { ...template(`\${name}`), actions: [action, action] }, View);
    const room = maxCardBytes - 2 * 64 - Buffer.byteLength(JSON.stringify(voting({ name: '' })));
    const shorter = () => ({ name: 'short' });
    assert.match(JSON.stringify(voting({ name: 'x'.repeat(room) }, shorter)), /xxx/u);
    assert.match(JSON.stringify(voting({ name: 'x'.repeat(room + 1) }, shorter)), /short/u);
  });

  it('says its name and size when it stays too large', () => {
    const long = { name: 'x'.repeat(maxCardBytes) };
    assert.throws(() => draw(long), /card greeting has \d+ bytes; at most 28672/u);
    assert.throws(() => draw(long, () => long), RangeError);
  });
});
