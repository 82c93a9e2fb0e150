import { z } from 'zod';
import type { Parameter } from '../src/domain/parameter.ts';
import type { Asked } from '../src/domain/parameter-value.ts';
import type { RunView } from '../src/domain/view.ts';
import { Input, inputFor } from './inputs.ts';
import { plain } from './text.ts';
import type { Room } from './wording.ts';

/** What the buttons of an approval may offer besides yes and no. Whether somebody may use them is decided at the click. */
export type Offers = {
  /** The parameters of the runbook as it is loaded now. */
  readonly parameters: Readonly<Record<string, Parameter>>;
  /** The policy lets somebody decide alone about a run like this. */
  readonly breakGlass: boolean;
};
export const noOffers: Offers = { parameters: {}, breakGlass: false };

export const NarrowField = z.strictObject({ input: Input, limit: z.string() });
export type NarrowField = z.infer<typeof NarrowField>;

/** The parameters an approver may change, each with what is left to choose from: what there is now, and what is less. */
export function narrowFields(run: RunView, { parameters }: Offers, room: Room): NarrowField[] {
  const fields = run.parameters.flatMap(({ name, title, value }) => {
    const parameter = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    const narrower = parameter === undefined || value === '' ? undefined : narrowed(parameter, value);
    if (narrower === undefined) return [];
    const input = inputFor(narrower.parameter, { name, title }, value, room);
    return [{ input, limit: plain(narrower.limit, room.text) }];
  });
  return fields.slice(0, room.inputs);
}

type Narrower = { readonly parameter: Asked; readonly limit: string };

/** The parameter with nothing but its present value and those an approver may take; undefined when there is none. */
function narrowed(parameter: Parameter, value: string): Narrower | undefined {
  if (parameter.type === 'integer') return narrowedNumber(parameter, Number(value));
  if (parameter.type === 'boolean') {
    if (parameter.narrow === undefined || String(!parameter.narrow) !== value) return undefined;
    return { parameter, limit: `Can only be changed to ${parameter.narrow ? 'yes' : 'no'}.` };
  }
  // a value the runbook does not know any more is for a new proposal
  if (parameter.type !== 'choice' || !parameter.choices.includes(value)) return undefined;
  const others = (parameter.narrow ?? []).filter((choice) => choice !== value);
  if (others.length === 0) return undefined;
  const limit = `Can only be changed to ${others.join(', ')}.`;
  return { parameter: { ...parameter, choices: [value, ...others] }, limit };
}

function narrowedNumber(
  parameter: Extract<Parameter, { type: 'integer' }>,
  value: number,
): Narrower | undefined {
  const { narrow, min, max } = parameter;
  if (!Number.isSafeInteger(value)) return undefined;
  if (narrow === 'lower' && (min === undefined || value > min)) {
    const limit = `Can only be made lower than ${value}${min === undefined ? '' : `, down to ${min}`}.`;
    return { parameter: { ...parameter, max: value }, limit };
  }
  if (narrow === 'higher' && (max === undefined || value < max)) {
    const limit = `Can only be made higher than ${value}${max === undefined ? '' : `, up to ${max}`}.`;
    return { parameter: { ...parameter, min: value }, limit };
  }
  return undefined;
}
