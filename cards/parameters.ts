import { z } from 'zod';
import type { FieldError, ResolvedParameter } from '../src/domain/parameters.ts';
import type { LoadedRunbook, Parameter, Scalar } from '../src/domain/runbook.ts';
import type { RunView } from '../src/domain/view.ts';
import { inputPrefix } from './actions.ts';
import { type Card, defineCard } from './card.ts';
import { Headline, headline, Value, valueLines } from './headline.ts';
import template from './parameters.json' with { type: 'json' };
import { summaryOf } from './summary.ts';
import { literal, plain } from './text.ts';
import { type Room, roomy, sentence, sourceInWords, tight } from './wording.ts';

const input = { id: z.string(), label: z.string(), isRequired: z.literal(true), errorMessage: z.string() };

/** The input of a parameter. Made here because a template cannot leave a property out, and no value is not ''. */
const Input = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('Input.Text'),
    ...input,
    value: z.string().optional(),
    placeholder: z.string(),
    maxLength: z.number(),
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
type Input = z.infer<typeof Input>;

const FieldView = z.strictObject({ input: Input, source: z.string(), errors: z.array(z.string()) });
type FieldView = z.infer<typeof FieldView>;

const ParametersView = z.strictObject({
  ...Headline.shape,
  notices: z.array(z.string()),
  fields: z.array(FieldView),
  /** Values nobody is asked for. */
  fixed: z.array(Value),
});
export type ParametersView = z.input<typeof ParametersView>;

/** The form of a runbook's parameters, from the view it shows. */
export const parameters = defineCard('parameters', template, ParametersView);

/** The run, its runbook's schema and what is known of each parameter (the desk's `ParameterForm`). */
export type Form = {
  readonly view: RunView;
  readonly loaded: LoadedRunbook;
  readonly parameters: readonly ResolvedParameter[];
};
export type Answers = {
  /** What the person typed, shown again so that nothing has to be typed twice. */
  readonly entered?: Readonly<Record<string, Scalar>>;
  readonly errors?: readonly FieldError[];
};

/** The form of a run's parameters; with answers, the same form again with what was wrong beside each field. */
export const parametersCard = (form: Form, answers: Answers = {}): Card =>
  parameters(parametersView(form, answers, roomy), () => parametersView(form, answers, tight));

export function parametersView(form: Form, answers: Answers, room: Room): ParametersView {
  const { entered = {}, errors = [] } = answers;
  const known = form.loaded.runbook.parameters;
  const wrong = (name: string) => errors.filter(({ field }) => field === name).map(({ message }) => message);
  const fields = form.parameters.flatMap((one) => {
    const parameter = known[one.name];
    const given = entered[one.name];
    if (parameter === undefined || parameter.type === 'secret') return [];
    // What the runbook does not ask for is shown, unless somebody changed it by text already.
    if (!one.confirm && given === undefined && wrong(one.name).length === 0) return [];
    return [{ name: one.name, field: fieldView(parameter, one, given, wrong(one.name), room) }];
  });
  const asked = new Set(fields.map(({ name }) => name));
  const homeless = errors.filter(({ field }) => !asked.has(field));
  return {
    ...headline(form.view, room, {
      summary: summaryOf(form.view),
      state: 'Values for this run',
      style: 'accent',
    }),
    notices: [
      ...(errors.length > 0 ? ['Nothing was saved yet: please correct what is marked.'] : []),
      ...homeless.map(({ field, message }) => plain(`${field}: ${message}`, room.text)),
    ],
    fields: fields.map(({ field }) => field),
    fixed: valueLines(
      form.parameters
        .filter(({ name }) => !asked.has(name))
        .map((one) => ({ ...one, value: one.value === null ? '' : String(one.value) })),
      room,
    ),
  };
}

type Asked = Exclude<Parameter, { type: 'secret' }>;

function fieldView(
  parameter: Asked,
  resolved: ResolvedParameter,
  entered: Scalar | undefined,
  errors: readonly string[],
  room: Room,
): FieldView {
  return {
    input: inputFor(parameter, resolved, entered ?? resolved.value, room),
    source: plain(sourceLine(resolved), room.text),
    errors: errors.map((message) => plain(message, room.text)),
  };
}

/** The value is raw: an input reads no markdown, and what it shows is what it sends back. */
function inputFor(parameter: Asked, one: ResolvedParameter, value: Scalar | null, room: Room): Input {
  const text = value === null ? '' : String(value).slice(0, 1000);
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
  if (parameter.type === 'string') return `Please enter at most ${parameter.maxLength} characters.`;
  const { min, max } = parameter;
  if (min !== undefined && max !== undefined) return `Please enter a whole number from ${min} to ${max}.`;
  if (min !== undefined) return `Please enter a whole number, at least ${min}.`;
  return max === undefined ? 'Please enter a whole number.' : `Please enter a whole number, at most ${max}.`;
}

function sourceLine({ value, source, confirm }: ResolvedParameter): string {
  if (value === null) return 'Neither the ticket nor the CMDB says.';
  return `${sentence(sourceInWords(source))}${confirm ? ': please check it' : ''}`;
}
