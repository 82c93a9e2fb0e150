import { z } from 'zod';
import { type Card, defineCard } from './card.ts';
import { commandLine, TextCommand } from './help.ts';
import { plain } from './text.ts';
import template from './welcome.json' with { type: 'json' };

const WelcomeView = z.strictObject({
  summary: z.string(),
  hints: z.array(z.string()),
  commands: z.array(TextCommand),
});
export type WelcomeView = z.input<typeof WelcomeView>;

/** What a new member reads first, from the view it shows. */
export const welcome = defineCard('welcome', template, WelcomeView);

/** The first message: what Handrail does and what to try. Hints are sentences about this installation. */
export const welcomeCard = (commands: readonly TextCommand[], hints: readonly string[] = []): Card =>
  welcome(welcomeView(commands, hints));

export const welcomeView = (commands: readonly TextCommand[], hints: readonly string[]): WelcomeView => ({
  summary: 'Handrail runs runbooks, with a handrail',
  hints: hints.slice(0, 5).map((hint) => plain(hint, 300)),
  commands: commands.slice(0, 6).map(commandLine),
});
