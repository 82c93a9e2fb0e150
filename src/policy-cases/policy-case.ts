import { z } from 'zod';
import { Given } from './given.ts';
import { Want } from './want.ts';
import { When } from './when.ts';

export const PolicyCase = z.strictObject({
  name: z.string().min(1).describe('the rule it shows, as a sentence'),
  given: Given.optional(),
  when: z.array(When).min(1).default(['propose']),
  want: Want,
});
export type PolicyCase = z.infer<typeof PolicyCase>;

/** A file of golden cases: what is given, what is asked, what has to come of it. */
export const CaseFile = z.strictObject({
  $schema: z.string().optional(),
  about: z.string().min(1).describe('what these cases are about'),
  runbook: z.string().min(1).describe('the runbook they are about; its file is in the same folder'),
  given: Given.optional().describe('what all cases of this file have in common'),
  cases: z.array(PolicyCase).min(1),
});
export type CaseFile = z.infer<typeof CaseFile>;
