import assert from 'node:assert/strict';
import { z } from 'zod';
import { incidentsChannel } from '../../src/sandbox/people.ts';
import type { PlaygroundClient } from '../../src/sandbox/playground/client.ts';
import type { SeenMessage } from '../../src/sandbox/playground/stream.ts';
import { eventually } from './eventually.ts';

const Action = z.looseObject({
  verb: z.string().optional(),
  data: z.looseObject({ run: z.string(), revision: z.coerce.number() }).optional(),
});
const WithActions = z.looseObject({ actions: z.array(Action).optional() });

/** A card in the channel: where it is, and what its buttons send. */
export type PostedCard = {
  readonly conversation: string;
  readonly card: string;
  readonly run: string;
  readonly data: { readonly run: string; readonly revision: number };
};

/** Everything a message says, also inside its cards. */
export const textOf = ({ text, cards }: SeenMessage): string => `${text} ${JSON.stringify(cards)}`;

/** Waits for the newest card in the channel about `subject` that has a button with this verb. */
export const cardWithButton = (
  client: PlaygroundClient,
  subject: string,
  verb: string,
): Promise<PostedCard> =>
  eventually(() => {
    const found = client.seen
      .filter((seen) => seen.conversation.startsWith(incidentsChannel) && textOf(seen).includes(subject))
      .flatMap((seen) => seen.cards.flatMap((card) => buttonOf(seen, card, verb)))
      .at(-1);
    assert.ok(found, `no card in the channel about ${subject} has a button for ${verb}`);
    return found;
  });

function buttonOf(seen: SeenMessage, card: unknown, verb: string): PostedCard[] {
  const actions = WithActions.safeParse(card).data?.actions ?? [];
  const data = actions.find((action) => action.verb === verb)?.data;
  if (data === undefined) return [];
  const { run, revision } = data;
  return [{ conversation: threadOf(seen), card: seen.id, run, data: { run, revision } }];
}

/** A root post is shown to us under its channel, but it is clicked in the thread that it begins. */
const threadOf = ({ conversation, id }: SeenMessage): string =>
  conversation.includes(';messageid=') ? conversation : `${conversation};messageid=${id}`;

/** Waits until the card, as it was drawn last, says this. */
export const cardShows = (client: PlaygroundClient, card: string, wanted: RegExp): Promise<void> =>
  eventually(() => {
    const last = client.seen.findLast(({ id }) => id === card);
    assert.match(last === undefined ? '' : textOf(last), wanted);
  });

/** Waits for a message that says this in a conversation, counted from the `from`th message on. */
export const botSays = (
  client: PlaygroundClient,
  conversation: string,
  wanted: RegExp,
  from = 0,
): Promise<SeenMessage> =>
  eventually(() => {
    const found = client.seen
      .slice(from)
      .find((seen) => seen.conversation === conversation && wanted.test(textOf(seen)));
    const came = client.seen.slice(from).map((seen) => `${seen.conversation}: ${textOf(seen).slice(0, 300)}`);
    assert.ok(found, `nothing in ${conversation} says ${wanted}; seen:\n${came.join('\n')}`);
    return found;
  });
