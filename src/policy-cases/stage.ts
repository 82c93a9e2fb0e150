import type { z } from 'zod';
import { digest, type Json } from '../domain/json.ts';
import { type LoadedPolicy, Policy } from '../domain/policy.ts';
import { type LoadedRunbook, Runbook } from '../domain/runbook.ts';
import type { Given } from './given.ts';
import { merge } from './merge.ts';

/** The plain content of the files a case rests on. */
export type Base = {
  readonly runbook: string;
  readonly policy: object;
  /** By id; more than one where an incident may fit several. */
  readonly runbooks: ReadonlyMap<string, object>;
};

/** The runbooks and the policy as a case has them. */
export type Stage = {
  readonly runbook: LoadedRunbook;
  readonly runbooks: readonly LoadedRunbook[];
  readonly policy: LoadedPolicy;
};

export type Staged =
  | { readonly ok: true; readonly stage: Stage }
  | { readonly ok: false; readonly in: 'runbook' | 'policy'; readonly issues: readonly z.core.$ZodIssue[] };

/** The files with the changes of a case laid over them; what does not fit any more is told with its field. */
export function stageOf(base: Base, given: Pick<Given, 'runbook' | 'policy'>): Staged {
  const policyContent = merge(base.policy, given.policy);
  const policy = Policy.safeParse(policyContent);
  if (!policy.success) return { ok: false, in: 'policy', issues: policy.error.issues };
  const runbooks: LoadedRunbook[] = [];
  for (const [id, file] of base.runbooks) {
    const content = id === base.runbook ? merge(file, given.runbook) : file;
    const runbook = Runbook.safeParse(content);
    if (!runbook.success) return { ok: false, in: 'runbook', issues: runbook.error.issues };
    runbooks.push({ runbook: runbook.data, hash: digest(content as Json) });
  }
  const own = runbooks.find(({ runbook }) => runbook.id === base.runbook);
  if (own === undefined) throw new Error(`there is no runbook ${base.runbook}`);
  return {
    ok: true,
    stage: { runbook: own, runbooks, policy: { policy: policy.data, hash: digest(policyContent as Json) } },
  };
}
