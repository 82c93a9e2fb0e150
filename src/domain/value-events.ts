import { z } from 'zod';
import { ResolvedParameter } from './parameters.ts';
import { Person } from './people.ts';

const values = { parameters: z.array(ResolvedParameter) };

/** The data of the events about the values of a run, and about whose its item is. */
export const valueEvents = {
  'parameters-confirmed': z.strictObject(values),
  /** The incident or the CMDB says something else now; what people entered stays. */
  'parameters-resolved': z.strictObject(values),
  /** An approver changed values within the limits the runbook sets. */
  'parameters-narrowed': z.strictObject(values),
  /** The card that asks the owner whether the item is theirs. */
  'owner-asked': z.strictObject({ owner: Person, conversation: z.string(), activity: z.string() }),
  'ownership-answered': z.strictObject({ mine: z.boolean(), reason: z.string(), ...values }),
} as const;
