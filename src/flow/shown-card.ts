import type { Command } from '../domain/commands.ts';
import type { Deps } from './deps.ts';

/** Where the cards are kept that people have been shown, each under the SHA-256 of its JSON. */
export const cardsOf = (runId: string): string => `card:${runId}`;

/** True for a card that was really drawn for this run, and for words, which name none. */
export async function isShownCard(deps: Deps, runId: string, command: Command): Promise<boolean> {
  if (!('card' in command) || command.card === undefined) return true;
  return (await deps.state.get(cardsOf(runId), command.card)) !== undefined;
}
