import { createHash } from 'node:crypto';
import { ciId, fromId, incidentId, incidentNumber, integrationUser, poolOf, serviceId } from './ids.ts';

type Row = Record<string, string>;
type Ticket = { readonly row: Row; readonly journal: Row[]; readonly files: Row[] };
export type Answered = {
  readonly kind: string;
  readonly status: number;
  readonly body: unknown;
  readonly total?: number;
  /** The incident that this write resolved. */
  readonly resolved?: number;
};

/** The tables Handrail reads and writes, one incident and one server a number, made when first asked for. */
export function ticketing(siteUrl: string) {
  const tickets = new Map<number, Ticket>();

  function ticketOf(sysId: string): Ticket {
    const n = fromId(sysId);
    const known = tickets.get(n);
    if (known !== undefined) return known;
    const ticket = { row: incidentRow(n), journal: [], files: [] };
    tickets.set(n, ticket);
    return ticket;
  }

  function read(table: string, sysId: string, fields: readonly string[]): Answered {
    const row = table === 'incident' ? ticketOf(sysId).row : ciRow(fromId(sysId), siteUrl);
    return { kind: `GET ${table}`, status: 200, body: { result: pick(row, fields) } };
  }

  function list(table: string, encoded: string, fields: readonly string[]): Answered {
    const topology = cmdbRows(table, encoded);
    if (topology !== undefined) {
      const result = topology.map((row) => pick(row, fields));
      return { kind: `GET ${table} list`, status: 200, body: { result }, total: result.length };
    }
    const sysId = /(?:element_id|table_sys_id)=([0-9a-f]{32})/.exec(encoded)?.[1];
    const ticket = sysId === undefined ? undefined : ticketOf(sysId);
    const rows = (table === 'attachment' ? ticket?.files : ticket?.journal) ?? [];
    const result = rows.map((row) => pick(row, fields));
    return { kind: `GET ${table} list`, status: 200, body: { result }, total: rows.length };
  }

  function write(sysId: string, body: Row, fields: readonly string[]): Answered {
    const { row, journal } = ticketOf(sysId);
    const { work_notes: note, ...columns } = body;
    Object.assign(row, columns, {
      sys_mod_count: String(Number(row['sys_mod_count']) + 1),
      sys_updated_by: integrationUser,
    });
    if (note !== undefined) journal.push(journalRow(sysId, journal.length, note));
    const answer = { kind: 'PATCH incident', status: 200, body: { result: pick(row, fields) } };
    return columns['state'] === '6' ? { ...answer, resolved: fromId(sysId) } : answer;
  }

  function upload(sysId: string, name: string, bytes: Buffer): Answered {
    const { files } = ticketOf(sysId);
    const hash = createHash('sha256').update(bytes).digest('hex');
    const file = {
      sys_id: `f${sysId.slice(0, -1)}${files.length}`,
      file_name: name,
      hash,
      table_name: 'incident',
      table_sys_id: sysId,
    };
    files.push(file);
    return { kind: 'POST attachment', status: 201, body: { result: file } };
  }

  return { read, list, write, upload };
}

const idsIn = (encoded: string, column: string): string[] =>
  new RegExp(`(?:^|\\^)${column}IN([^^]*)`).exec(encoded)?.[1]?.split(',') ?? [];

const dependsOn = `b${'0'.repeat(31)}`;

/** One business service depends on each server, and there is no major incident. Undefined for the other tables. */
function cmdbRows(table: string, encoded: string): Row[] | undefined {
  switch (table) {
    case 'cmdb_rel_type':
      return idsIn(encoded, 'name').map((name, n) => ({
        sys_id: name === 'Depends on::Used by' ? dependsOn : `b${String(n + 1).padStart(31, '0')}`,
        name,
      }));
    case 'cmdb_rel_ci':
      if (!idsIn(encoded, 'type').includes(dependsOn)) return [];
      return idsIn(encoded, 'child').flatMap((child) => (child.startsWith('c') ? [relationRow(child)] : []));
    case 'cmdb_ci_service':
      return idsIn(encoded, 'sys_id').map((sys_id) => ({
        sys_id,
        busines_criticality: '2 - somewhat critical',
      }));
    case 'incident':
      return [];
    default:
      return undefined;
  }
}

function relationRow(child: string): Row {
  const n = fromId(child);
  return {
    sys_id: `f${child.slice(1)}`,
    parent: serviceId(n),
    child,
    type: dependsOn,
    'parent.name': `Shop ${n}`,
    'parent.sys_class_name': 'cmdb_ci_service',
    'child.name': `web-${n}`,
    'child.sys_class_name': 'cmdb_ci_app_server',
  };
}

const pick = (row: Row, fields: readonly string[]): Row =>
  Object.fromEntries(fields.map((field) => [field, row[field] ?? '']));

const incidentRow = (n: number): Row => ({
  sys_id: incidentId(n),
  number: incidentNumber(n),
  short_description: `Burst of HTTP 503 on web-${n}`,
  description: 'Synthetic check: 97 % of requests answer 503 Service Unavailable since 5 minutes.',
  state: '1',
  priority: '2',
  // as new as any version that is told of
  sys_mod_count: '100',
  sys_updated_by: 'monitoring',
  cmdb_ci: ciId(n),
  assignment_group: '9'.repeat(32),
  'assignment_group.name': 'Web Operations',
  category: 'software',
  impact: '2',
  urgency: '1',
  approval: 'not requested',
  opened_at: '2026-11-22 11:00:00',
});

const ciRow = (n: number, siteUrl: string): Row => ({
  sys_id: ciId(n),
  name: `web-${n}`,
  sys_class_name: 'cmdb_ci_app_server',
  environment: 'Production',
  operational_status: '1',
  install_status: '1',
  fqdn: `web-${n}.contoso.example`,
  u_site: `site-${n}`,
  u_app_pool: poolOf(n),
  u_health_url: `${siteUrl}/health`,
});

const journalRow = (sysId: string, n: number, value: string): Row => ({
  sys_id: `e${sysId.slice(0, -1)}${n}`,
  element_id: sysId,
  value,
  sys_created_by: integrationUser,
});
