import { allow, ask, deny, type Guardrail, unknown } from './verdict.ts';

/** Where the runbook may be used at all. Production is never without a person, and unknown is production. */
export const environment: Guardrail = ({ ci, runbook }) => {
  if (!ci.ok) return unknown('the environment', ci);
  const { name, environment: where, environmentKnown } = ci.value;
  const facts = { ci: name, environment: environmentKnown ? where : 'unknown' };
  if (!runbook.environments.includes(where)) return deny(`${runbook.id} may not touch ${where}`, facts);
  if (!environmentKnown)
    return ask(`the CMDB names no environment for ${name}: treated as production`, facts);
  return where === 'production'
    ? ask(`${name} is in production`, facts)
    : allow(`${name} is in ${where}`, facts);
};
