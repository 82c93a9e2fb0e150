import type { Card } from '../../../cards/card.ts';
import { seal } from '../../../cards/seal.ts';
import type { StateStore } from '../../ports.ts';

/** The cards people decide on, as they were shown. Votes name them by their hash. */
export interface DrawnCards {
  /**
   * Puts the hash of a card into its buttons that vote, and stores what it shows first. A card without such buttons is
   * left as it is. Throws what the store throws: a card nobody could look up later does not leave.
   */
  keep(run: string, card: Card): Promise<Card>;
  /** Whether a card with this hash was kept for the run. */
  has(run: string, hash: string): Promise<boolean>;
}

/** Stores the canonical JSON of each card under `card:<run>` and its own SHA-256, for good: it is evidence. */
export function drawnCards(store: Pick<StateStore, 'get' | 'put'>): DrawnCards {
  const pkOf = (run: string) => `card:${run}`;
  return {
    async keep(run, card) {
      const sealed = seal(card);
      if (sealed === undefined) return card;
      const { hash, json } = sealed;
      // a card that is drawn again is there already, with exactly this content
      await store.put({ pk: pkOf(run), id: hash, kind: 'card', k: `${run}|${hash}`, body: json }, 'new');
      return sealed.card;
    },
    has: async (run, hash) => (await store.get(pkOf(run), hash)) !== undefined,
  };
}
