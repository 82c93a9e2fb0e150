import { z } from 'zod';
import type { Value } from '../src/domain/parameter.ts';
import type { Asked } from '../src/domain/parameter-value.ts';
import { inputPrefix } from './actions.ts';
import { literal, plain } from './text.ts';
import type { Room } from './wording.ts';

const input = { id: z.string(), label: z.string(), isRequired: z.literal(true), errorMessage: z.string() };

/** The input of a parameter. Made here because a template cannot leave a property out, and no value is not ''. */
export const Input = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('Input.Text'),
    ...input,
    value: z.string().optional(),
    placeholder: z.string(),
    maxLength: z.number(),
    isMultiline: z.literal(true).optional(),
  }),
  z.strictObject({
    type: z.literal('Input.Number'),
    ...input,
    value: z.number().optional(),
    placeholder: z.string(),
    min: z.number().optional(),
    max: z.number().optional(),
  }),
  z.strictObject({
    type: z.literal('Input.ChoiceSet'),
    ...input,
    value: z.string().optional(),
    placeholder: z.string(),
    style: z.enum(['compact', 'expanded']),
    choices: z.array(z.strictObject({ title: z.string(), value: z.string() })),
  }),
]);
export type Input = z.infer<typeof Input>;

/** The value is raw: an input reads no markdown, and what it shows is what it sends back. */
export function inputFor(
  parameter: Asked,
  one: { readonly name: string; readonly title: string },
  value: Value | null,
  room: Room,
): Input {
  const text = textOf(value);
  const common = {
    id: `${inputPrefix}${one.name}`,
    label: literal(one.title, 120),
    isRequired: true as const,
    errorMessage: plain(hintFor(parameter), room.text),
    placeholder: plain(parameter.help ?? '', room.text),
  };
  const given = text === '' ? {} : { value: text };
  switch (parameter.type) {
    case 'string':
      return { type: 'Input.Text', ...common, ...given, maxLength: parameter.maxLength };
    case 'list':
      return { type: 'Input.Text', ...common, ...given, maxLength: LONGEST_LIST, isMultiline: true };
    case 'integer':
      return { type: 'Input.Number', ...common, ...numbersOf(parameter, text) };
    case 'boolean':
    case 'choice': {
      const choices = choicesOf(parameter);
      const style = choices.length <= 3 ? 'expanded' : 'compact';
      const placeholder = common.placeholder || 'Choose one';
      return { type: 'Input.ChoiceSet', ...common, ...given, placeholder, style, choices };
    }
  }
}

const LONGEST_LIST = 4000;

/** A list has a line for each name. */
const textOf = (value: Value | null): string =>
  Array.isArray(value) ? value.join('\n').slice(0, LONGEST_LIST) : String(value ?? '').slice(0, 1000);

/** Only numbers that are known: clients refuse a card whose number is a text. */
function numbersOf({ min, max }: Extract<Asked, { type: 'integer' }>, text: string) {
  const value = /^-?\d{1,15}$/.test(text) ? { value: Number(text) } : {};
  return { ...value, ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
}

/** Yes and no are a choice, not a toggle: a toggle nobody touched would answer no. */
const choicesOf = (parameter: Extract<Asked, { type: 'boolean' | 'choice' }>) =>
  parameter.type === 'boolean'
    ? [
        { title: 'Yes', value: 'true' },
        { title: 'No', value: 'false' },
      ]
    : parameter.choices.map((choice) => ({ title: plain(choice, 100), value: choice }));

function hintFor(parameter: Asked): string {
  if (parameter.type === 'boolean' || parameter.type === 'choice') return 'Please choose one.';
  if (parameter.type === 'list')
    return `Please enter ${parameter.min} to ${parameter.max} names, with commas or line breaks between them.`;
  if (parameter.type === 'string') return `Please enter at most ${parameter.maxLength} characters.`;
  const { min, max } = parameter;
  if (min !== undefined && max !== undefined) return `Please enter a whole number from ${min} to ${max}.`;
  if (min !== undefined) return `Please enter a whole number, at least ${min}.`;
  return max === undefined ? 'Please enter a whole number.' : `Please enter a whole number, at most ${max}.`;
}
