import type { Incoming } from './activity.ts';

type Mention = { readonly text?: unknown; readonly mentioned?: { readonly id?: unknown } };

/** What a person typed to the bot, without the mentions of the bot itself. */
export function commandText(activity: Incoming): string {
  const entities: unknown = activity['entities'];
  const mentions: readonly Mention[] = Array.isArray(entities) ? entities : [];
  const ours = mentions.filter((one) => one?.mentioned?.id === activity.recipient.id);
  const texts = ours.map(({ text }) => text).filter((text) => typeof text === 'string' && text !== '');
  return texts.reduce<string>((text, mention) => text.replace(String(mention), ' '), activity.text ?? '');
}
