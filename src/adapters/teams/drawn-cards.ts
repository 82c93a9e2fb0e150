import type { Card } from '../../../cards/card.ts';
import { seal } from '../../../cards/seal.ts';
import { cardsOf } from '../../flow/shown-card.ts';
import type { StateStore } from '../../ports.ts';

/**
 * Puts the hash of a card into its buttons that vote, and stores what it shows first. A card without such buttons is left
 * as it is. Throws what the store throws: a card nobody could look up later does not leave.
 */
export type KeepCard = (run: string, card: Card) => Promise<Card>;

/**
 * Keeps the cards people decide on as they were shown: the canonical JSON of each under `card:<run>` and its own SHA-256,
 * for good, because votes name it.
 */
export function keepCards(store: Pick<StateStore, 'put'>): KeepCard {
  return async (run, card) => {
    const sealed = seal(card);
    if (sealed === undefined) return card;
    const { hash, json } = sealed;
    // a card that is drawn again is there already, with exactly this content
    await store.put({ pk: cardsOf(run), id: hash, kind: 'card', k: `${run}|${hash}`, body: json }, 'new');
    return sealed.card;
  };
}
