import { z } from 'zod';
import { ApprovalTerms, Requirement } from './approval-rule.ts';
import { Effect } from './guardrail-line.ts';
import { environments } from './incident.ts';

/** All parts that are given must hold. */
export const TierCondition = z
  .strictObject({
    environments: z.array(z.enum(environments)).min(1).optional(),
    /** Business criticality, 1 (most critical) to 4; the most critical service that depends on the item counts. */
    criticality: z.array(z.number().int().min(1).max(4)).min(1).optional(),
    ciClass: z.array(z.string().min(1)).min(1).optional(),
    /** At least so many items and services depend on the item. */
    dependents: z.number().int().min(1).optional(),
    /** The incident says that customers are affected (`customerImpact` of the policy). */
    customerImpact: z.literal(true).optional(),
    /** The runbook says that it takes away or changes what people can get at (`userAccess`). */
    userAccess: z.literal(true).optional(),
  })
  .refine((condition) => Object.keys(condition).length > 0, 'name at least one condition');
export type TierCondition = z.infer<typeof TierCondition>;

/** A class of risk and what it takes to run something in it. The first tier that fits counts. */
export const Tier = z.strictObject({
  name: z.string().min(1),
  /** One of these is enough. Only the last tier has none: it takes what is left. */
  when: z.array(TierCondition).min(1).optional(),
  /** `allow` lets an auto-approval rule decide, `deny` leaves it to people outside Handrail. */
  effect: Effect.default('require-approval'),
  /** Asked in addition to the approvers the runbook names. */
  approvers: z.array(Requirement).default([]),
  ...ApprovalTerms.shape,
});
export type Tier = z.infer<typeof Tier>;
