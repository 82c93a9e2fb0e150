import { z } from 'zod';
import { ApprovalTerms, Quorum, Requirement } from './approval-rule.ts';
import { Duration } from './duration.ts';
import { environments } from './incident.ts';
import { Parameter, ParameterName } from './parameter.ts';
import { BlastRadius } from './policy.ts';
import { AzureMonitorProbe, DeviceComplianceProbe, HttpProbe, PrometheusProbe, probeKinds } from './probe.ts';
import { Rolling } from './rolling.ts';
import { contradictions } from './runbook-faults.ts';

const Id = z
  .string()
  .regex(/^[a-z][a-z0-9-]{1,62}$/, 'expected a lower-case name such as iis-app-pool-recycle');
const Scalar = z.union([z.string(), z.number(), z.boolean()]);
export type Scalar = z.infer<typeof Scalar>;

/** Looked for as whole words, so there has to be a word in it. */
const Symptom = z
  .string()
  .min(2)
  .regex(/[\p{L}\p{N}]/u, 'expected a word or a phrase');

const Step = z.strictObject({
  id: Id,
  title: z.string().min(1),
  timeout: Duration.default(300_000),
});
const TargetStep = z.strictObject({
  ...Step.shape,
  /** The automation system; that of the runbook, when the step names none. */
  target: Id.optional(),
  job: z.string().min(1).max(200),
  /** What the job is given. `{name}` stands for a parameter of this runbook. */
  with: z.record(z.string(), Scalar).default({}),
  /** Goes through a pool in batches, one launch each, instead of all of it at once. */
  rolling: Rolling.optional(),
});
const Diagnostics = z.strictObject({ ...TargetStep.shape, optional: z.boolean().default(false) });

const Verification = z
  .strictObject({
    ...Step.shape,
    http: HttpProbe.optional(),
    prometheus: PrometheusProbe.optional(),
    azureMonitor: AzureMonitorProbe.optional(),
    deviceCompliance: DeviceComplianceProbe.optional(),
  })
  .refine(
    (step) => probeKinds.filter((kind) => step[kind] !== undefined).length === 1,
    `needs exactly one of ${probeKinds.join(', ')}`,
  )
  .meta({ oneOf: probeKinds.map((kind) => ({ required: [kind] })) });

const Rollback = z.union([
  z.strictObject({
    steps: z.array(TargetStep).min(1),
    /** Who has to approve the rollback, when it comes to that. Without it the approval of the run covers it. */
    approval: z
      .strictObject({
        approvers: z.array(Requirement).min(1),
        expires: Duration.default(1_800_000),
      })
      .optional(),
  }),
  /** Said out loud, so that nobody looks for a rollback that is not there. */
  z.strictObject({ impossible: z.string().min(10, 'say why it cannot be undone') }),
]);

/** One runbook file, as it is written. */
const RunbookFile = z
  .strictObject({
    $schema: z.string().optional(),
    id: Id,
    version: z.string().regex(/^\d+\.\d+\.\d+$/, 'expected a version such as 1.2.0'),
    title: z.string().min(1).max(120),
    summary: z.string().min(1).max(500),
    owner: z.string().min(1),
    /** Who wrote this version: a user principal name or an Entra object id, or several. */
    author: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]),
    match: z.strictObject({
      /** Columns of the incident and the values that fit, e.g. category: [software]. All must fit. */
      incident: z.record(z.string(), z.array(z.string()).min(1)).default({}),
      ciClass: z.array(z.string()).default([]),
      /** Words or phrases looked for in the short description and the description. One is enough. */
      symptoms: z.array(Symptom).min(1),
    }),
    /** Environments this runbook may touch at all. */
    environments: z
      .array(z.enum(environments))
      .min(1)
      .default([...environments]),
    parameters: z.record(ParameterName, Parameter).default({}),
    /** The automation system of every step that names none of its own. */
    target: Id.optional(),
    steps: z.strictObject({
      diagnostics: z.array(Diagnostics).default([]),
      remediation: z.array(TargetStep).min(1),
      verification: z.array(Verification).min(1),
    }),
    rollback: Rollback,
    /** No second run on the same CI within this time (anti-flap). */
    cooldown: Duration,
    approval: z.strictObject({
      /** The approvers; the risk tier of the policy may ask for more. */
      group: z.string().min(1),
      quorum: Quorum.default(1),
      ...ApprovalTerms.shape,
      expires: Duration.default(1_800_000),
    }),
    /** It takes away or changes what people can get at, such as signing them out. Risk tiers may ask for that. */
    userAccess: z.literal(true).optional(),
    /** Who says what happened when nobody knows whether a step ran: never whoever asked for it or approved it. */
    unknownOutcome: z.strictObject({ fourEyes: z.literal(true) }).optional(),
    /** Stricter limits than those of the policy. */
    blastRadius: BlastRadius.default({}),
    /** Groups whose members, and whose on-call person, may ask for this runbook. */
    requesters: z.array(z.string().min(1)).min(1),
    escalate: z.strictObject({
      /** sys_id or name of the ServiceNow group that gets the incident when the run fails. */
      group: z.string().min(1),
    }),
    /** Resolve the incident when verification passed. Without it the run only leaves notes. */
    resolve: z.strictObject({ code: z.string().min(1), notes: z.string().min(1) }).optional(),
    /** States in which it must not run, such as an upgrade in progress. A column without a value forbids it too. */
    unless: z
      .array(
        z
          .strictObject({
            column: z
              .string()
              .regex(/^ci\.[a-z0-9_]+$/, 'expected a column of the item, such as ci.u_mid_state'),
            /** The values that forbid it, or the only ones that do not; upper and lower case are the same. */
            is: z.array(z.string().min(1)).min(1).optional(),
            isNot: z.array(z.string().min(1)).min(1).optional(),
            because: z.string().min(5).max(200),
          })
          .refine(
            ({ is, isNot }) => (is === undefined) !== (isNot === undefined),
            'needs is or isNot, and not both',
          ),
      )
      .min(1)
      .optional(),
  })
  .superRefine((runbook, context) => {
    for (const { path, message } of contradictions(runbook))
      context.addIssue({ code: 'custom', path, message });
  });
export type RunbookFile = z.infer<typeof RunbookFile>;

/** A runbook, each step with its target. Its content hash is part of every plan. */
export const Runbook = RunbookFile.transform((file) => {
  const named = <S extends { readonly target?: string | undefined }>(step: S) => ({
    ...step,
    target: step.target ?? file.target ?? '',
  });
  const { steps, rollback } = file;
  return {
    ...file,
    steps: {
      ...steps,
      diagnostics: steps.diagnostics.map(named),
      remediation: steps.remediation.map(named),
    },
    rollback: 'steps' in rollback ? { ...rollback, steps: rollback.steps.map(named) } : rollback,
  };
});
export type Runbook = z.infer<typeof Runbook>;

export type TargetStep = Runbook['steps']['remediation'][number];
export type DiagnosticsStep = Runbook['steps']['diagnostics'][number];
export type VerificationStep = z.infer<typeof Verification>;

export const authorsOf = ({ author }: Pick<Runbook, 'author'>): readonly string[] =>
  typeof author === 'string' ? [author] : author;

/** The automation systems its steps use, each once. */
export function targetsOf({ steps, rollback }: Pick<Runbook, 'steps' | 'rollback'>): string[] {
  const undo = 'steps' in rollback ? rollback.steps : [];
  return [...new Set([...steps.diagnostics, ...steps.remediation, ...undo].map(({ target }) => target))];
}

/** A runbook with what identifies its exact content. `hash` is the SHA-256 of the canonical JSON of the parsed file. */
export type LoadedRunbook = { readonly runbook: Runbook; readonly hash: string };
