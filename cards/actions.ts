import { z } from 'zod';
import { words } from '../src/domain/after-end.ts';

/** Ids of the inputs a card may send back: the parameters' as `p_<name>`, and the reason. */
export const inputPrefix = 'p_';
const inputId = /^p_([a-z][a-zA-Z0-9_]{0,40})$/;
const maxValues = 100;

const Value = z.union([z.string().max(1000), z.number(), z.boolean()]);
const Reason = z
  .string()
  .default('')
  .transform((text) => text.trim().slice(0, 500));
const about = {
  /** The id of a run: a key to look it up, worth nothing by itself. */
  run: z.string().regex(/^[A-Za-z0-9:_-]{1,64}$/, 'is not the id of a run'),
  /** The plan the buttons were about. */
  revision: z.number().int().nonnegative(),
};

/** A decision about what this card showed. Cards of older versions do not say which card they were. */
const vote = {
  ...about,
  /** SHA-256 of the card (`seal`). */
  card: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'is not the hash of a card')
    .optional(),
};
const values = z.record(z.string(), Value);

/** What a click sends back: which button, of which run and plan, and what was typed. Never state. */
export const CardAction = z.discriminatedUnion('verb', [
  z.object({ verb: z.literal('parameters'), ...about }),
  z.object({ verb: z.literal('confirm'), ...about, values }),
  z.object({ verb: z.literal('dismiss'), ...about }),
  z.object({ verb: z.literal('mine'), ...about }),
  z.object({ verb: z.literal('not-mine'), ...about, reason: Reason }),
  z.object({ verb: z.literal('approve'), ...vote }),
  z.object({ verb: z.literal('reject'), ...vote, reason: Reason }),
  z.object({ verb: z.literal('narrow'), ...vote, values }),
  z.object({ verb: z.literal('break-glass'), ...vote, reason: Reason }),
  z.object({ verb: z.literal('withdraw'), ...about, reason: Reason }),
  z.object({ verb: z.literal('cancel'), ...about, reason: Reason }),
  z.object({ verb: z.literal('settle'), ...about, word: z.enum(words), reason: Reason }),
  z.object({ verb: z.literal('continue'), ...about }),
]);
export type CardAction = z.infer<typeof CardAction>;

export type ParsedAction =
  | { readonly ok: true; readonly action: CardAction }
  | { readonly ok: false; readonly reason: string };

const Fields = z.record(z.string(), z.unknown());
const Execute = z.object({ action: z.object({ verb: z.string(), data: Fields.default({}) }) });

/**
 * Reads `activity.value` of a click: an Action.Execute (`action.verb`, `action.data`) or its fallback, an Action.Submit
 * (`verb` among the data). Clients add fields of their own; only the known ones are read.
 */
export function parseCardAction(value: unknown): ParsedAction {
  const execute = Execute.safeParse(value);
  const fields = execute.success
    ? { ...execute.data.action.data, verb: execute.data.action.verb }
    : Fields.safeParse(value).data;
  if (fields === undefined) return { ok: false, reason: 'This is not a click on a card.' };
  const parsed = CardAction.safeParse({
    ...fields,
    ...reasonOf(fields),
    ...wordOf(fields),
    values: inputsOf(fields),
  });
  if (parsed.success) return { ok: true, action: parsed.data };
  const [issue] = parsed.error.issues;
  return { ok: false, reason: `This button cannot be read: ${issue?.path.join('.')}: ${issue?.message}.` };
}

/** Two inputs of one card may not have the same id, so the reason of a break-glass has one of its own. */
const reasonOf = (fields: Readonly<Record<string, unknown>>): object =>
  fields['verb'] === 'break-glass' ? { reason: fields['glassReason'] } : {};

/** Each word has a button: what was chosen is the verb, never a part of the data. */
function wordOf({ verb }: Readonly<Record<string, unknown>>): object {
  const word = words.find((one) => verb === `settle-${one}`);
  return word === undefined ? { word } : { verb: 'settle', word };
}

const inputsOf = (fields: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fields)
      .slice(0, maxValues)
      .flatMap(([id, value]) => {
        const name = inputId.exec(id)?.[1];
        return name === undefined ? [] : [[name, value]];
      }),
  );
