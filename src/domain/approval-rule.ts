import { z } from 'zod';
import { Duration } from './duration.ts';

const nOfM = /^(\d{1,2}) of (\d{1,3})$/;
const percent = /^(\d{1,3})%$/;

/**
 * How many different people of a group have to approve: a number, `any` (one of them), `all`, `2 of 5` (two of a group that
 * has at least five members) or a share such as `50%`, rounded up.
 */
export const Quorum = z
  .union([
    z.number().int().min(1, 'at least 1').max(20, 'at most 20'),
    z.string().regex(/^(any|all|\d{1,2} of \d{1,3}|\d{1,3}%)$/, 'expected a number, any, all, 2 of 5 or 50%'),
  ])
  .refine((quorum) => !isImpossible(quorum), 'can never be reached: write e.g. 2 of 5, or 1% to 100%');
export type Quorum = z.infer<typeof Quorum>;

function isImpossible(quorum: string | number): boolean {
  const [, n, m] = nOfM.exec(String(quorum)) ?? [];
  if (n !== undefined) return Number(n) < 1 || Number(n) > Number(m);
  const [, share] = percent.exec(String(quorum)) ?? [];
  return share !== undefined && (Number(share) < 1 || Number(share) > 100);
}

/** Whether a quorum can only be counted when the number of the group's members is known. */
export const needsSize = (quorum: Quorum): boolean => quorum === 'all' || percent.test(String(quorum));

/** The number of people a quorum asks for, in a group where so many may vote. `all` of nobody is still one. */
export function neededOf(quorum: Quorum, eligible: number): number {
  if (typeof quorum === 'number') return quorum;
  if (quorum === 'any') return 1;
  if (quorum === 'all') return Math.max(1, eligible);
  const [, n] = nOfM.exec(quorum) ?? [];
  if (n !== undefined) return Number(n);
  const [, share = '100'] = percent.exec(quorum) ?? [];
  return Math.max(1, Math.ceil((eligible * Number(share)) / 100));
}

/** The members a group must have at least for its quorum to make sense. */
export function sizeAtLeast(quorum: Quorum): number {
  const [, , m] = nOfM.exec(String(quorum)) ?? [];
  if (m !== undefined) return Number(m);
  return typeof quorum === 'number' ? quorum : 1;
}

/** So many people of one group have to approve. */
export const Requirement = z.strictObject({ group: z.string().min(1), quorum: Quorum.default(1) });
export type Requirement = z.infer<typeof Requirement>;

/** What else holds for an approval. Where the runbook and its risk tier both say something, the stricter counts. */
export const ApprovalTerms = z.strictObject({
  /** Time to decide; afterwards the run ends without having run. */
  expires: Duration.optional(),
  /** Remind the approvers each time this has passed without a decision. */
  remind: Duration.refine((ms) => ms >= 60_000, 'at least 1m').optional(),
  /** Ask another group as well when nobody has decided for so long; its members then count for any of the groups. */
  escalate: z.strictObject({ after: Duration, to: z.string().min(1) }).optional(),
  /** Two different people must have looked at it: the requester and an approver, or two approvers when no person asked. */
  fourEyes: z.boolean().optional(),
  /** Whoever wrote this version of the runbook may not approve it. */
  notAuthor: z.boolean().optional(),
});
export type ApprovalTerms = z.infer<typeof ApprovalTerms>;
