import { z } from 'zod';
import { Duration } from './duration.ts';
import { environments, Incident } from './incident.ts';

const Id = z
  .string()
  .regex(/^[a-z][a-z0-9-]{1,62}$/, 'expected a lower-case name such as iis-app-pool-recycle');
const ParameterName = z.string().regex(/^[a-z][a-zA-Z0-9_]{0,40}$/, 'expected a name such as appPool');
const Scalar = z.union([z.string(), z.number(), z.boolean()]);
export type Scalar = z.infer<typeof Scalar>;

/** Where a parameter's value may come from: a column of the incident or of its CI. People are asked when no source answers. */
const Source = z
  .string()
  .regex(/^(incident|ci)\.[a-z][a-z0-9_]*$/, 'expected incident.<column> or ci.<column>, e.g. ci.fqdn');

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
  }),
  z.strictObject({ type: z.literal('boolean'), ...described, ...sourced, default: z.boolean().optional() }),
  z.strictObject({
    type: z.literal('choice'),
    ...described,
    ...sourced,
    choices: z.array(z.string().min(1)).min(1).max(50),
    default: z.string().optional(),
  }),
  /** The value is the name of a secret (environment or Key Vault). Only the target's adapter resolves it. */
  z.strictObject({
    type: z.literal('secret'),
    ...described,
    reference: z.string().regex(/^[A-Z][A-Z0-9_]{2,63}$/),
  }),
]);
export type Parameter = z.infer<typeof Parameter>;

const Step = z.strictObject({
  id: Id,
  title: z.string().min(1),
  timeout: Duration.default(300_000),
});
const TargetStep = z.strictObject({
  ...Step.shape,
  target: Id,
  job: z.string().min(1).max(200),
  /** What the job is given. `{name}` stands for a parameter of this runbook. */
  with: z.record(z.string(), Scalar).default({}),
});
const Diagnostics = z.strictObject({ ...TargetStep.shape, optional: z.boolean().default(false) });

export const HttpProbe = z.strictObject({
  /** The host must be on the operator's allow-list. `{name}` stands for a parameter. */
  url: z.string().min(1),
  status: z.array(z.number().int().min(100).max(599)).min(1).default([200]),
  /** Healthy when this many of `attempts` checks pass. */
  successes: z.number().int().min(1).max(20).default(3),
  attempts: z.number().int().min(1).max(20).default(5),
  every: Duration.refine((ms) => ms <= 60_000, 'at most 60s').default(2_000),
  /** A slower answer is a failed check. */
  within: Duration.refine((ms) => ms > 0 && ms <= 30_000, 'at most 30s').default(2_000),
  /** RE2 syntax, so that no body can make it run away. */
  body: z.string().max(500).optional(),
});
export type HttpProbe = z.infer<typeof HttpProbe>;
const Verification = z.strictObject({ ...Step.shape, http: HttpProbe });

const Rollback = z.union([
  z.strictObject({ steps: z.array(TargetStep).min(1) }),
  /** Said out loud, so that nobody looks for a rollback that is not there. */
  z.strictObject({ impossible: z.string().min(10, 'say why it cannot be undone') }),
]);

/** One runbook file. Its content hash is part of every plan. */
export const Runbook = z
  .strictObject({
    $schema: z.string().optional(),
    id: Id,
    version: z.string().regex(/^\d+\.\d+\.\d+$/, 'expected a version such as 1.2.0'),
    title: z.string().min(1).max(120),
    summary: z.string().min(1).max(500),
    owner: z.string().min(1),
    author: z.string().min(1),
    match: z.strictObject({
      /** Columns of the incident and the values that fit, e.g. category: [software]. All must fit. */
      incident: z.record(z.string(), z.array(z.string()).min(1)).default({}),
      ciClass: z.array(z.string()).default([]),
      /** Words or phrases looked for in the short description and the description. One is enough. */
      symptoms: z.array(z.string().min(2)).min(1),
    }),
    /** Environments this runbook may touch at all. */
    environments: z
      .array(z.enum(environments))
      .min(1)
      .default([...environments]),
    parameters: z.record(ParameterName, Parameter).default({}),
    steps: z.strictObject({
      diagnostics: z.array(Diagnostics).default([]),
      remediation: z.array(TargetStep).min(1),
      verification: z.array(Verification).min(1),
    }),
    rollback: Rollback,
    /** No second run on the same CI within this time (anti-flap). */
    cooldown: Duration,
    approval: z.strictObject({
      group: z.string().min(1),
      quorum: z.number().int().min(1).max(10).default(1),
      expires: Duration.default(1_800_000),
    }),
    /** Groups whose members, and whose on-call person, may ask for this runbook. */
    requesters: z.array(z.string().min(1)).min(1),
    escalate: z.strictObject({
      /** sys_id or name of the ServiceNow group that gets the incident when the run fails. */
      group: z.string().min(1),
    }),
    /** Resolve the incident when verification passed. Without it the run only leaves notes. */
    resolve: z.strictObject({ code: z.string().min(1), notes: z.string().min(1) }).optional(),
  })
  .superRefine((runbook, context) => {
    for (const { path, message } of contradictions(runbook))
      context.addIssue({ code: 'custom', path, message });
  });
export type Runbook = z.infer<typeof Runbook>;

export type TargetStep = z.infer<typeof TargetStep>;
export type DiagnosticsStep = z.infer<typeof Diagnostics>;
export type VerificationStep = z.infer<typeof Verification>;

/** A runbook with what identifies its exact content. `hash` is the SHA-256 of the canonical JSON of the parsed file. */
export type LoadedRunbook = { readonly runbook: Runbook; readonly hash: string };

const placeholder = /\{([a-zA-Z_][a-zA-Z0-9_]*)\}/g;

/** The parameter names a step refers to as `{name}`. */
function placeholders(step: TargetStep | VerificationStep): string[] {
  const texts = 'http' in step ? [step.http.url] : Object.values(step.with).map(String);
  return texts.flatMap((text) => [...text.matchAll(placeholder)].map((match) => match[1] ?? ''));
}

/** Replaces `{name}` by the parameter's value. A text that is exactly one placeholder keeps the value's type. */
export function fill(text: Scalar, parameters: Readonly<Record<string, Scalar>>): Scalar {
  if (typeof text !== 'string') return text;
  const whole = /^\{([a-zA-Z_][a-zA-Z0-9_]*)\}$/.exec(text)?.[1];
  if (whole !== undefined) return parameters[whole] ?? '';
  return text.replaceAll(placeholder, (_match, name: string) => String(parameters[name] ?? ''));
}

function stepPaths(runbook: Pick<Runbook, 'steps' | 'rollback'>) {
  const rollback = 'steps' in runbook.rollback ? runbook.rollback.steps : [];
  return [
    ...runbook.steps.diagnostics.map((step, n) => ({ path: ['steps', 'diagnostics', n], step })),
    ...runbook.steps.remediation.map((step, n) => ({ path: ['steps', 'remediation', n], step })),
    ...runbook.steps.verification.map((step, n) => ({ path: ['steps', 'verification', n], step })),
    ...rollback.map((step, n) => ({ path: ['rollback', 'steps', n], step })),
  ];
}

type Shape = Pick<Runbook, 'steps' | 'rollback' | 'parameters' | 'match'>;

/** What the schema alone cannot see: ids used twice, placeholders nobody defined, defaults that are no choice. */
function contradictions(runbook: Shape): { path: (string | number)[]; message: string }[] {
  return [
    ...stepFaults(runbook),
    ...parameterFaults(runbook),
    ...secretFaults(runbook),
    ...columnFaults(runbook),
  ];
}

function stepFaults(runbook: Shape) {
  const known = new Set(Object.keys(runbook.parameters));
  const seen = new Set<string>();
  return stepPaths(runbook).flatMap(({ path, step }) => {
    const twice = seen.has(step.id)
      ? [{ path: [...path, 'id'], message: `step id ${step.id} is used twice` }]
      : [];
    seen.add(step.id);
    const unknown = placeholders(step).filter((name) => !known.has(name));
    return [
      ...twice,
      ...('http' in step && step.http.successes > step.http.attempts
        ? [
            {
              path: [...path, 'http', 'successes'],
              message: 'more successes than attempts can never be reached',
            },
          ]
        : []),
      ...unknown.map((name) => ({
        path,
        message: `{${name}} is not a parameter of this runbook; known: ${[...known].join(', ') || 'none'}`,
      })),
    ];
  });
}

function parameterFaults({ parameters }: Shape) {
  return Object.entries(parameters).flatMap(([name, p]) => {
    const at = (field: string, message: string) => [{ path: ['parameters', name, field], message }];
    if (p.type === 'choice' && p.default !== undefined && !p.choices.includes(p.default))
      return at('default', 'the default is not one of the choices');
    if (p.type === 'string' && p.default?.startsWith('secret:'))
      return at('default', 'a value may not start with secret:; use a parameter of type secret');
    return [];
  });
}

/** A secret is resolved by the target's adapter, and only where it is the whole value. */
function secretFaults(runbook: Shape) {
  const secrets = Object.entries(runbook.parameters).flatMap(([name, p]) =>
    p.type === 'secret' ? [name] : [],
  );
  return stepPaths(runbook).flatMap(({ path, step }) => {
    const texts = 'http' in step ? [step.http.url] : Object.values(step.with).map(String);
    const embedded = secrets.filter((name) =>
      texts.some((text) => text.includes(`{${name}}`) && ('http' in step || text !== `{${name}}`)),
    );
    return embedded.map((name) => ({
      path,
      message: `{${name}} is a secret: it must be the whole value of a job's parameter`,
    }));
  });
}

const columnFaults = (runbook: Shape) =>
  Object.keys(runbook.match.incident)
    .filter((column) => column in Incident.shape && column !== 'priority')
    .map((column) => ({
      path: ['match', 'incident', column],
      message: 'name a ServiceNow column, e.g. category',
    }));
