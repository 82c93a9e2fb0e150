import { z } from 'zod';
import { type Card, defineCard } from './card.ts';
import template from './notice.json' with { type: 'json' };
import { escapeMarkdown, plain } from './text.ts';

const NoticeView = z.strictObject({ summary: z.string(), title: z.string(), message: z.string() });
export type NoticeView = z.input<typeof NoticeView>;

/** What is left of a card that has done its work, from the view it shows: words, and nothing to press. */
export const notice = defineCard('notice', template, NoticeView);

export const noticeCard = (title: string, message: string): Card => notice(noticeView(title, message));

export const noticeView = (title: string, message: string): NoticeView => ({
  summary: plain(`${title}: ${message}`, 200),
  title: escapeMarkdown(title, 120),
  message: plain(message, 500),
});
