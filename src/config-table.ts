import { z } from 'zod';
import { Environment, isSecret, needed } from './config.ts';

/** The settings as the Markdown table of the README, made from the schema so that the two cannot part. */
export function configurationTable(): string {
  const rows = Object.entries(Environment.shape).map(([name, schema]) =>
    row([`\`${name}\``, neededBy(name), defaultOf(name), meaningOf(schema)]),
  );
  return [row(['Setting', 'Needed', 'Default', 'Meaning']), row(['---', '---', '---', '---']), ...rows].join(
    '\n',
  );
}

const row = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;

function neededBy(name: string): string {
  if (needed.always.some((one) => one === name)) return 'yes';
  return needed.production.some((one) => one === name) ? 'in production' : '';
}

/** What the schema makes of a setting that is not there. */
function defaultOf(name: string): string {
  const value = Environment.partial().parse({})[name as keyof Environment];
  return value === undefined || value.toString() === '' ? '' : `\`${value}\``;
}

function meaningOf(schema: z.ZodType): string {
  const { description = '', enum: choices } = z.toJSONSchema(schema, { io: 'input' });
  const choice = choices === undefined ? '' : `${choices.map((one) => `\`${one}\``).join(' or ')}: `;
  return `${choice}${description}${isSecret(schema) ? ' (secret)' : ''}`;
}
