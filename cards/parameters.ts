import { z } from 'zod';
import { type Asked, isAsked, spellValue } from '../src/domain/parameter-value.ts';
import type { FieldError, ResolvedParameter } from '../src/domain/parameters.ts';
import type { LoadedRunbook, Scalar } from '../src/domain/runbook.ts';
import type { RunView } from '../src/domain/view.ts';
import { type Card, defineCard } from './card.ts';
import { Headline, headline, Value, valueLines } from './headline.ts';
import { Input, inputFor } from './inputs.ts';
import template from './parameters.json' with { type: 'json' };
import { summaryOf } from './summary.ts';
import { plain } from './text.ts';
import { type Room, roomy, sentence, sourceInWords, tight } from './wording.ts';

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
    if (!isAsked(parameter)) return [];
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
        .map(({ title, source, value }) => ({
          title,
          source,
          value: value === null ? '' : spellValue(value),
          ...(Array.isArray(value) ? { list: true as const } : {}),
        })),
      room,
    ),
  };
}

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

function sourceLine({ value, source, confirm }: ResolvedParameter): string {
  if (value === null) return 'Neither the ticket nor the CMDB says.';
  return `${sentence(sourceInWords(source))}${confirm ? ': please check it' : ''}`;
}
