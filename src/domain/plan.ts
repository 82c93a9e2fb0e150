import { z } from 'zod';
import type { ConfigurationItem, Incident } from './incident.ts';
import { digest } from './json.ts';
import type { Value } from './parameter.ts';
import { spellValue } from './parameter-value.ts';
import { fill } from './placeholder.ts';
import {
  resolveProbe,
  StoredAzureMonitor,
  StoredDeviceCompliance,
  StoredHttp,
  StoredPrometheus,
} from './plan-probe.ts';
import { Batch, partsOf } from './rolling.ts';
import type { DiagnosticsStep, LoadedRunbook, TargetStep } from './runbook.ts';

export const phases = ['diagnostics', 'remediation', 'verification', 'rollback'] as const;
export type Phase = (typeof phases)[number];

const common = {
  id: z.string(),
  phase: z.enum(phases),
  title: z.string(),
  timeout: z.number(),
  optional: z.boolean(),
};
const probe = { does: z.literal('probe'), ...common };
export const PlanStep = z.union([
  z.strictObject({
    does: z.literal('job'),
    ...common,
    target: z.string(),
    job: z.string(),
    /** Resolved values. A parameter of type secret appears as `secret:<reference>`. */
    with: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
    /** The hosts it is for, when a step of the runbook goes through a pool. */
    batch: Batch.optional(),
  }),
  z.strictObject({ ...probe, http: StoredHttp }),
  z.strictObject({ ...probe, prometheus: StoredPrometheus }),
  z.strictObject({ ...probe, azureMonitor: StoredAzureMonitor }),
  z.strictObject({ ...probe, deviceCompliance: StoredDeviceCompliance }),
]);
export type PlanStep = z.infer<typeof PlanStep>;

/** Exactly what will run. What approvers approve is the digest of this value (invariant 4). */
export const Plan = z.strictObject({
  incident: z.string(),
  ci: z.strictObject({ sysId: z.string(), name: z.string(), environment: z.string() }),
  runbook: z.strictObject({ id: z.string(), version: z.string(), hash: z.string() }),
  policy: z.strictObject({ version: z.string(), hash: z.string() }),
  parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())])),
  steps: z.array(PlanStep),
  rollback: z.string(),
  /** The class of risk it was judged to be; another class is another plan. */
  tier: z.string().optional(),
  /** Who has to approve the rollback, when it has an approval of its own. */
  rollbackApproval: z
    .strictObject({
      approvers: z.array(z.strictObject({ group: z.string(), quorum: z.union([z.number(), z.string()]) })),
      expires: z.number(),
    })
    .optional(),
  /** Whoever asked for it or approved it does not say what happened when nobody knows. */
  unknownOutcome: z.strictObject({ fourEyes: z.literal(true) }).optional(),
  /** The run whose rest this is. */
  resumes: z.string().optional(),
});
export type Plan = z.infer<typeof Plan>;

export type PlanInput = {
  readonly incident: Pick<Incident, 'number'>;
  readonly ci: Pick<ConfigurationItem, 'sysId' | 'name' | 'environment'>;
  readonly runbook: LoadedRunbook;
  readonly policy: { readonly version: string; readonly hash: string };
  readonly parameters: Readonly<Record<string, Value>>;
  /** '' when the policy names no tiers. */
  readonly tier: string;
};

/** Resolves a runbook and its parameters to the steps that would run. Pure; the same input gives the same digest. */
export function makePlan({ incident, ci, runbook: loaded, policy, parameters, tier }: PlanInput): Plan {
  const { runbook, hash } = loaded;
  const values = { ...parameters, ...secretReferences(loaded) };
  const job = (phase: Phase) => (step: TargetStep | DiagnosticsStep) =>
    partsOf(step, values).map(({ id, title, values: own, batch }) => ({
      does: 'job' as const,
      id,
      phase,
      title,
      timeout: step.timeout,
      optional: 'optional' in step && step.optional,
      target: step.target,
      job: step.job,
      with: Object.fromEntries(Object.entries(step.with).map(([name, text]) => [name, fill(text, own)])),
      ...(batch ? { batch } : {}),
    }));
  return {
    incident: incident.number,
    ci: { sysId: ci.sysId, name: ci.name, environment: ci.environment },
    runbook: { id: runbook.id, version: runbook.version, hash },
    policy: { version: policy.version, hash: policy.hash },
    parameters: { ...values },
    steps: [
      ...runbook.steps.diagnostics.flatMap(job('diagnostics')),
      ...runbook.steps.remediation.flatMap(job('remediation')),
      ...runbook.steps.verification.map((step) => ({
        does: 'probe' as const,
        id: step.id,
        phase: 'verification' as const,
        title: step.title,
        timeout: step.timeout,
        optional: false,
        ...resolveProbe(step, values),
      })),
      ...('steps' in runbook.rollback ? runbook.rollback.steps.flatMap(job('rollback')) : []),
    ],
    rollback:
      'impossible' in runbook.rollback ? `cannot be undone: ${runbook.rollback.impossible}` : 'declared',
    ...(tier === '' ? {} : { tier }),
    ...('steps' in runbook.rollback && runbook.rollback.approval
      ? { rollbackApproval: runbook.rollback.approval }
      : {}),
    ...(runbook.unknownOutcome?.fourEyes ? { unknownOutcome: { fourEyes: true as const } } : {}),
  };
}

export const planDigest = (plan: Plan): string => digest(plan);

/** What changed between two plans, one sentence each, for the person who has to approve again. */
export function planDiff(before: Plan, after: Plan): string[] {
  const changes: string[] = [];
  const compare = (what: string, a: string, b: string) => {
    if (a !== b) changes.push(`${what} changed from ${a} to ${b}`);
  };
  const label = (ci: Plan['ci']) => (before.ci.name === after.ci.name ? `${ci.name} (${ci.sysId})` : ci.name);
  compare('the configuration item', label(before.ci), label(after.ci));
  compare('the environment', before.ci.environment, after.ci.environment);
  compare('the risk tier', before.tier ?? 'none', after.tier ?? 'none');
  compare('the runbook version', before.runbook.version, after.runbook.version);
  if (before.runbook.version === after.runbook.version && before.runbook.hash !== after.runbook.hash)
    changes.push(`the content of runbook ${after.runbook.id} ${after.runbook.version} changed`);
  if (before.policy.hash !== after.policy.hash)
    changes.push(`the policy changed (${before.policy.version} to ${after.policy.version})`);
  for (const name of new Set([...Object.keys(before.parameters), ...Object.keys(after.parameters)]))
    compare(
      `parameter ${name}`,
      spellValue(before.parameters[name] ?? 'nothing'),
      spellValue(after.parameters[name] ?? 'nothing'),
    );
  const quiet = changes.length === 0;
  if (quiet && planDigest(before) !== planDigest(after)) changes.push('the resolved steps changed');
  return changes;
}

function secretReferences({ runbook }: LoadedRunbook): Record<string, string> {
  return Object.fromEntries(
    Object.entries(runbook.parameters).flatMap(([name, p]) =>
      p.type === 'secret' ? [[name, `secret:${p.reference}`]] : [],
    ),
  );
}
