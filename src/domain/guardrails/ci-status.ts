import type { GuardrailFacts } from '../facts.ts';
import type { ConfigurationItem } from '../incident.ts';
import { allow, deny, type Guardrail, unknown, type Verdict } from './verdict.ts';

/** Raw values of cmdb_ci (reference data of ServiceNow's configuration management). */
const RETIRED_OPERATION = '6';
const MAINTENANCE_INSTALL = '3';
const gone: Readonly<Record<string, string>> = { '7': 'retired', '100': 'absent' };

/**
 * The item is there to be remedied, and nobody has it in hand. A maintenance window of a schedule is another matter: it
 * opens changes (see change-window.ts), while an item marked as in maintenance is one that somebody works on.
 */
export const ciStatus: Guardrail = ({ ci, policy, runbook }) => {
  if (!ci.ok) return unknown('the status of the item', ci);
  const inUse = usedNow(ci.value, policy);
  return inUse.effect === 'deny' ? inUse : (forbidden(ci.value, runbook) ?? inUse);
};

function usedNow({ name, fields }: ConfigurationItem, policy: GuardrailFacts['policy']): Verdict {
  const { operational_status: operational = '', install_status: install = '' } = fields;
  const facts = { operational_status: operational, install_status: install };
  if (operational === RETIRED_OPERATION) return deny(`${name} is retired`, facts);
  const end = Object.hasOwn(gone, install) ? gone[install] : undefined;
  if (end !== undefined) return deny(`${name} is ${end}`, facts);
  if (install === MAINTENANCE_INSTALL)
    return { ...allow(`${name} is in maintenance`, facts), effect: policy.maintenance };
  if (operational === '' && install === '') return allow(`the CMDB names no status for ${name}`);
  return allow(`${name} is in use`, facts);
}

/** A state in which the runbook says it must not run. A column without a value, or that is not there, may be that state. */
function forbidden({ name, fields }: ConfigurationItem, { unless = [] }: GuardrailFacts['runbook']) {
  for (const { column, because, ...states } of unless) {
    const key = column.slice('ci.'.length);
    const said = Object.hasOwn(fields, key) ? (fields[key] ?? '') : '';
    const value = plain(said);
    if (value === '') return deny(`the CMDB says nothing in ${key} of ${name}; perhaps ${because}`);
    if (isForbidden(value, states)) return deny(`${name}: ${because}`, { [key]: said });
  }
  return undefined;
}

type Forbidding = NonNullable<GuardrailFacts['runbook']['unless']>[number];

const isForbidden = (value: string, { is, isNot }: Pick<Forbidding, 'is' | 'isNot'>): boolean =>
  is?.some((one) => plain(one) === value) === true ||
  (isNot !== undefined && !isNot.some((one) => plain(one) === value));

/** Instances differ in how they write a choice. */
const plain = (text: string): string => text.trim().toLowerCase();
