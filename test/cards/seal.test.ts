import assert from 'node:assert/strict';
import { runCard } from '../../cards/run-card.ts';
import { seal } from '../../cards/seal.ts';
import { canonicalJson, type Json, sha256 } from '../../src/domain/json.ts';
import { gallery } from './gallery.ts';
import { offers } from './inputs.ts';
import { views } from './views.ts';

const asking = ['approval', 'rollback'];
const sealedApproval = () => seal(runCard(views['approval-quorum'], offers)) ?? assert.fail('nothing votes');

/** The data of every button, fallbacks too. */
function dataOf(node: unknown): { readonly verb?: string; readonly card?: string }[] {
  if (typeof node !== 'object' || node === null) return [];
  const own = 'data' in node && typeof node.data === 'object' ? [node.data ?? {}] : [];
  return [...own, ...Object.values(node).flatMap(dataOf)];
}
const emptied = (sealed: object, hash: string): Json =>
  JSON.parse(JSON.stringify(sealed).replaceAll(`"card":"${hash}"`, '"card":""'));

describe('the seal of a card', () => {
  for (const { name, template, card } of gallery)
    it(`${asking.includes(template) ? 'is on' : 'is not needed on'} ${name}`, () => {
      assert.equal(seal(card()) !== undefined, asking.includes(template));
    });

  it('is the hash of exactly the JSON that is kept, and that is the card with the places of the hash empty', () => {
    const drawn = runCard(views['approval-quorum'], offers);
    const { card, hash, json } = sealedApproval();
    assert.equal(sha256(json), hash);
    assert.equal(json, canonicalJson(drawn as unknown as Json));
    assert.equal(canonicalJson(emptied(card, hash)), json);
    assert.match(hash, /^[0-9a-f]{64}$/u);
  });

  it('is in every button that votes, and its fallback', () => {
    const { card, hash } = sealedApproval();
    const data = dataOf(card);
    assert.equal(data.length, 8, 'four buttons and what replaces them in old clients');
    assert.deepEqual([...new Set(data.map((one) => one.card))], [hash]);
  });

  it('is another one for the smallest difference, and the same for the same card', () => {
    const { hash } = sealedApproval();
    assert.equal(sealedApproval().hash, hash);
    const view = views['approval-quorum'];
    const other = { ...view, incident: { ...view.incident, title: `${view.incident.title}.` } };
    assert.notEqual(seal(runCard(other, offers))?.hash, hash);
  });

  it('is not put where a ticket says there is a place for it', () => {
    const text = '"data":{"card":""}';
    const view = { ...views.approval, incident: { ...views.approval.incident, title: text } };
    const { card, hash } = seal(runCard(view)) ?? assert.fail('nothing votes');
    assert.equal(JSON.stringify(card).split(hash).length - 1, 4);
  });
});
