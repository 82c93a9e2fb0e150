import { z } from 'zod';
import type { Scalar } from './runbook.ts';

/** What a parameter stands for: one value, or a list of names. */
export type Value = Scalar | string[];

export const ParameterName = z.string().regex(/^[a-z][a-zA-Z0-9_]{0,40}$/, 'expected a name such as appPool');

/** Where a parameter's value may come from: a column of the incident or of its CI. People are asked when no source answers. */
const Source = z
  .string()
  .regex(/^(incident|ci)\.[a-z][a-z0-9_]*$/, 'expected incident.<column> or ci.<column>, e.g. ci.fqdn');

/** The names of what the item consists of, as the CMDB relates them: the servers of a pool. */
export const MEMBERS = 'members';

const described = { title: z.string().min(1), help: z.string().optional() };
const sourced = {
  from: z.array(Source).default([]),
  /** `missing`: ask a person only when no source and no default gives a value. `always`: a person confirms. */
  ask: z.enum(['missing', 'always']).default('missing'),
};

export const Parameter = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('string'),
    ...described,
    ...sourced,
    pattern: z.string().optional(),
    maxLength: z.number().int().min(1).max(1000).default(200),
    default: z.string().optional(),
  }),
  z.strictObject({
    type: z.literal('integer'),
    ...described,
    ...sourced,
    min: z.number().int().optional(),
    max: z.number().int().optional(),
    default: z.number().int().optional(),
    /** An approver may change it in this direction only, within min and max. */
    narrow: z.enum(['lower', 'higher']).optional(),
  }),
  z.strictObject({
    type: z.literal('boolean'),
    ...described,
    ...sourced,
    default: z.boolean().optional(),
    /** The only value an approver may change it to. */
    narrow: z.boolean().optional(),
  }),
  z.strictObject({
    type: z.literal('choice'),
    ...described,
    ...sourced,
    choices: z.array(z.string().min(1)).min(1).max(50),
    default: z.string().optional(),
    /** The choices an approver may change it to. */
    narrow: z.array(z.string().min(1)).min(1).optional(),
  }),
  /** Names, such as the hosts of a pool, each once. People write them with commas, blanks or line breaks in between. */
  z.strictObject({
    type: z.literal('list'),
    ...described,
    ...sourced,
    from: z.array(z.union([z.literal(MEMBERS), Source])).default([]),
    /** What each name has to be; without it what host names are made of. */
    pattern: z.string().default('[A-Za-z0-9][A-Za-z0-9._-]*'),
    /** How many names there have to be at least and at most. */
    min: z.number().int().min(1).default(1),
    max: z.number().int().min(1).max(100, 'at most 100').default(20),
    default: z.array(z.string()).min(1).optional(),
  }),
  /** The value is the name of a secret (environment or Key Vault). Only the target's adapter resolves it. */
  z.strictObject({
    type: z.literal('secret'),
    ...described,
    reference: z
      .string()
      .regex(/^[A-Z][A-Z0-9_]{2,63}$/, 'expected the name of a secret, such as OPS_TOKEN; never the secret'),
  }),
  /** The Entra object id of the person the item is assigned to, who has to confirm in a personal chat that it is theirs. */
  z.strictObject({
    type: z.literal('owner'),
    ...described,
    /** What it means for this person, told to them before they answer. */
    consequence: z.string().min(1).max(500),
  }),
]);
export type Parameter = z.infer<typeof Parameter>;
