import { z } from 'zod';
import { type Card, defineCard } from './card.ts';
import template from './help.json' with { type: 'json' };
import { plain } from './text.ts';

/** Something people can type, and what it does. */
export const TextCommand = z.strictObject({ say: z.string(), does: z.string() });
export type TextCommand = z.infer<typeof TextCommand>;

const HelpView = z.strictObject({ summary: z.string(), commands: z.array(TextCommand) });
export type HelpView = z.input<typeof HelpView>;

/** The list of what people can type, from the view it shows. */
export const help = defineCard('help', template, HelpView);

/** What people can type. The commands are the caller's: whoever parses them names them. */
export const helpCard = (commands: readonly TextCommand[]): Card => help(helpView(commands));

export const helpView = (commands: readonly TextCommand[]): HelpView => ({
  summary: 'What you can type',
  commands: commands.slice(0, 20).map(commandLine),
});

export const commandLine = ({ say, does }: TextCommand): TextCommand => ({
  say: plain(say, 120),
  does: plain(does, 120),
});
