import { z } from 'zod';
import type { Refusal } from '../src/domain/commands.ts';
import { type Card, defineCard } from './card.ts';
import template from './error.json' with { type: 'json' };
import { escapeMarkdown, plain } from './text.ts';

const ErrorView = z.strictObject({
  summary: z.string(),
  title: z.string(),
  message: z.string(),
  details: z.array(z.string()),
  nextAction: z.string(),
});
export type ErrorView = z.input<typeof ErrorView>;

/** The card that says what did not work and what to do now, from the view it shows. */
export const error = defineCard('error', template, ErrorView);

export type Failure = {
  readonly title: string;
  readonly message: string;
  readonly nextAction: string;
  /** One line each, e.g. a wrong field. */
  readonly details?: readonly string[];
};

/** What did not work and what to do now. `message` and `nextAction` are sentences for people, never a stack. */
export const errorCard = (failure: Failure): Card => error(errorView(failure));

/** A refused command, for the person who gave it. */
export const refusalCard = ({ message, nextAction, fields }: Refusal): Card =>
  errorCard({
    title: 'Nothing was changed',
    message,
    nextAction,
    details: fields.map(({ field, message: wrong }) => `${field}: ${wrong}`),
  });

export const errorView = ({ title, message, nextAction, details = [] }: Failure): ErrorView => ({
  summary: plain(`${title}: ${message}`, 200),
  title: escapeMarkdown(title, 120),
  message: plain(message, 500),
  details: details.slice(0, 12).map((line) => plain(line, 200)),
  nextAction: plain(nextAction, 300),
});
