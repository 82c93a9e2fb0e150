import { allow, deny, type Guardrail, unknown } from './verdict.ts';

/** Raw values of cmdb_ci (reference data of ServiceNow's configuration management). */
const RETIRED_OPERATION = '6';
const MAINTENANCE_INSTALL = '3';
const gone: Readonly<Record<string, string>> = { '7': 'retired', '100': 'absent' };

/**
 * The item is there to be remedied, and nobody has it in hand. A maintenance window of a schedule is another matter: it
 * opens changes (see change-window.ts), while an item marked as in maintenance is one that somebody works on.
 */
export const ciStatus: Guardrail = ({ ci, policy }) => {
  if (!ci.ok) return unknown('the status of the item', ci);
  const { name, fields } = ci.value;
  const { operational_status: operational = '', install_status: install = '' } = fields;
  const facts = { operational_status: operational, install_status: install };
  if (operational === RETIRED_OPERATION) return deny(`${name} is retired`, facts);
  const end = Object.hasOwn(gone, install) ? gone[install] : undefined;
  if (end !== undefined) return deny(`${name} is ${end}`, facts);
  if (install === MAINTENANCE_INSTALL)
    return { ...allow(`${name} is in maintenance`, facts), effect: policy.maintenance };
  if (operational === '' && install === '') return allow(`the CMDB names no status for ${name}`);
  return allow(`${name} is in use`, facts);
};
