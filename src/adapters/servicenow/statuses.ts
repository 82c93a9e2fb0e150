import type { Criticality, Mappings } from './mappings.ts';
import type { Row } from './schema.ts';

/** ServiceNow's own values (reference data of configuration management): decisions know these. */
const standard = {
  operation: { retired: '6' },
  installation: { 'in-maintenance': '3', retired: '7', absent: '100' },
} as const;
const levels: Readonly<Record<Criticality, string>> = {
  1: '1 - most critical',
  2: '2 - somewhat critical',
  3: '3 - less critical',
  4: '4 - not critical',
};

/** How critical a value of the criticality column is, from 1 (most) to 4; undefined when it does not say. */
export function criticalityOf(raw: string, { criticality }: Mappings): Criticality | undefined {
  const value = raw.trim().toLowerCase();
  if (Object.hasOwn(criticality, value)) return criticality[value];
  // "1 - most critical" to "4 - not critical"
  const [, level] = /^([1-4])\b/.exec(value) ?? [];
  return level === undefined ? undefined : (Number(level) as Criticality);
}

/** The status columns of an item with the values and names of a new instance, whatever the customer made of them. */
export function standardStatuses(row: Row, mappings: Mappings): Row {
  const { columns, operations, installations } = mappings;
  const critical = row[columns.criticality] ?? '';
  const level = criticalityOf(critical, mappings);
  return {
    operational_status: inStandard(row[columns.operation] ?? '', operations, standard.operation),
    install_status: inStandard(row[columns.installation] ?? '', installations, standard.installation),
    busines_criticality: level === undefined ? unlike(critical, /^[1-4]/) : levels[level],
  };
}

/** A value in the standard's words. One the customer uses for something else must not be taken for the standard's. */
function inStandard(
  raw: string,
  meanings: Readonly<Record<string, readonly string[]>>,
  codes: Readonly<Record<string, string>>,
): string {
  const meant = Object.keys(codes).find((name) => meanings[name]?.includes(raw));
  if (meant !== undefined) return codes[meant] ?? raw;
  return unlike(raw, new RegExp(`^(${Object.values(codes).join('|')})$`));
}

/** A value that means nothing special here, told apart from those that do. */
const unlike = (raw: string, taken: RegExp): string => (taken.test(raw) ? `other ${raw}` : raw);
