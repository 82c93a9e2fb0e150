import { Incident } from './incident.ts';
import { placeholdersIn } from './placeholder.ts';
import type { Runbook, TargetStep, VerificationStep } from './runbook.ts';

/** The parameter names a step refers to as `{name}`. */
function placeholders(step: TargetStep | VerificationStep): string[] {
  const texts = 'http' in step ? [step.http.url] : Object.values(step.with).map(String);
  return texts.flatMap(placeholdersIn);
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
export function contradictions(runbook: Shape): { path: (string | number)[]; message: string }[] {
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
