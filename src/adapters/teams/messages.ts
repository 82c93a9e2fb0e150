import type { Card } from '../../../cards/card.ts';
import { escapeMarkdown, plain } from '../../../cards/text.ts';
import type { Person } from '../../domain/people.ts';
import type { Outgoing } from './connector.ts';

/** A card and nothing else; `summary` is what the notification says. */
export const cardMessage = (card: Card, summary: string): Outgoing => ({
  type: 'message',
  summary: summary.slice(0, 300),
  attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content: card }],
});

/**
 * A text without any markup of its own: ticket text may be in it. Saying that it is plain is not enough, because a client
 * may read tags all the same (Microsoft's Agents Playground 0.2.28 does).
 */
export const textMessage = (text: string): Outgoing => ({
  type: 'message',
  textFormat: 'plain',
  text: plain(text, 4_000),
});

/** A text that names people so that Teams notifies them. The rest of it cannot mention, link or format. */
export function mentionMessage(text: string, mention: readonly Person[]): Outgoing {
  if (mention.length === 0) return textMessage(text);
  const entities = mention.map((person) => ({
    type: 'mention',
    text: `<at>${escapeMarkdown(person.name, 80)}</at>`,
    mentioned: { id: person.id, name: person.name, aadObjectId: person.id },
  }));
  const names = entities.map((entity) => entity.text).join(' ');
  return {
    type: 'message',
    textFormat: 'markdown',
    text: `${names} ${escapeMarkdown(text, 4_000)}`,
    entities,
  };
}
