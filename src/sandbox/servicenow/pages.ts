import { download } from './attachment-api.ts';
import { labelOf } from './dictionary.ts';
import { type Answer, type Asked, failure } from './http.ts';
import { displayName } from './present.ts';
import { type Row, rowsOf, type State } from './state.ts';
import { style } from './style.ts';

const marks: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (c) => marks[c] ?? '');

const text = (row: Row, column: string): string => escaped(row[column] ?? '');

/** Pages for people, so that a ticket can be seen to change; undefined when the path is none of them. */
export function pages(state: State, asked: Asked): Answer | undefined {
  if (asked.method !== 'GET') return undefined;
  if (asked.path === '/') return page('Incidents', listed(state));
  const [, number] = /^\/incident\/([A-Za-z0-9]+)$/.exec(asked.path) ?? [];
  if (number !== undefined) {
    const row = rowsOf(state, 'incident').find((one) => one['number'] === number.toUpperCase());
    if (row === undefined) return page('No such incident', '<p>There is no such incident.</p>', 404);
    return page(`${row['number'] ?? ''} ${row['short_description'] ?? ''}`, detail(state, row));
  }
  const [, sysId] = /^\/attachment\/([0-9a-f]{32})$/.exec(asked.path) ?? [];
  if (sysId === undefined) return undefined;
  const file = state.tables['sys_attachment']?.[sysId];
  return file === undefined ? failure(404, 'Not found') : download(state, file);
}

const page = (title: string, body: string, status = 200): Answer => ({
  status,
  headers: {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  },
  body: `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="5"><title>${escaped(title)}</title><style>${style}</style></head>
<body><header><a href="/">ServiceNow</a> <span>simulated</span></header><main>${body}</main></body></html>`,
});

const pill = (row: Row, column: string): string => {
  const value = row[column] ?? '';
  const label = labelOf('incident', column, value) || '(none)';
  return `<span class="pill ${column}-${escaped(value).replaceAll(' ', '-')}">${escaped(label)}</span>`;
};
const priorityOf = (row: Row): string => escaped(labelOf('incident', 'priority', row['priority'] ?? ''));
const named = (state: State, table: string, row: Row, column: string): string => {
  const sysId = row[column] ?? '';
  return escaped(displayName(state.tables[table]?.[sysId]) || sysId || '(none)');
};

function listed(state: State): string {
  const rows = rowsOf(state, 'incident').toSorted((a, b) =>
    (a['number'] ?? '') < (b['number'] ?? '') ? 1 : -1,
  );
  if (rows.length === 0) return '<h1>Incidents</h1><p>There are no incidents yet.</p>';
  const lines = rows.slice(0, 200).map((row) => {
    const number = text(row, 'number');
    return `<tr><td><a href="/incident/${number}">${number}</a></td><td>${text(row, 'short_description')}</td>
<td>${pill(row, 'state')}</td><td>${priorityOf(row)}</td>
<td>${pill(row, 'approval')}</td><td>${named(state, 'cmdb_ci', row, 'cmdb_ci')}</td>
<td>${named(state, 'sys_user_group', row, 'assignment_group')}</td><td>${text(row, 'sys_updated_on')}</td></tr>`;
  });
  const heads = [
    'Number',
    'Short description',
    'State',
    'Priority',
    'Approval',
    'CI',
    'Assignment group',
    'Updated',
  ];
  return `<h1>Incidents</h1><div class="wide"><table><thead><tr>${heads.map((h) => `<th>${h}</th>`).join('')}</tr></thead>
<tbody>${lines.join('')}</tbody></table></div>`;
}

function detail(state: State, row: Row): string {
  const facts: readonly (readonly [string, string])[] = [
    ['State', pill(row, 'state')],
    ['Approval', pill(row, 'approval')],
    ['Priority', priorityOf(row)],
    ['Configuration item', named(state, 'cmdb_ci', row, 'cmdb_ci')],
    ['Assignment group', named(state, 'sys_user_group', row, 'assignment_group')],
    ['Category', escaped([row['category'], row['subcategory']].filter(Boolean).join(' / '))],
    ['Updated', `${text(row, 'sys_updated_on')} UTC by ${text(row, 'sys_updated_by')}`],
    ['Version', text(row, 'sys_mod_count')],
    ['Close code', text(row, 'close_code')],
    ['Close notes', text(row, 'close_notes')],
  ];
  const shown = facts.filter(([, value]) => value !== '');
  return `<h1><small>${text(row, 'number')}</small> ${text(row, 'short_description')}</h1>
<dl>${shown.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join('')}</dl>
<h2>Description</h2><pre>${text(row, 'description') || '(none)'}</pre>${files(state, row)}${journal(state, row)}`;
}

function files(state: State, row: Row): string {
  const own = rowsOf(state, 'sys_attachment').filter((file) => file['table_sys_id'] === row['sys_id']);
  if (own.length === 0) return '';
  const lines = own.map(
    (file) =>
      `<li><a href="/attachment/${text(file, 'sys_id')}">${text(file, 'file_name')}</a>
 <small>${text(file, 'size_bytes')} bytes, SHA-256 ${escaped((file['hash'] ?? '').slice(0, 12))}…</small></li>`,
  );
  return `<h2>Attachments</h2><ul>${lines.join('')}</ul>`;
}

function journal(state: State, row: Row): string {
  const entries = rowsOf(state, 'sys_journal_field')
    .filter((entry) => entry['element_id'] === row['sys_id'])
    .toReversed();
  const lines = entries.map(
    (entry) => `<article class="${text(entry, 'element')}"><header>${text(entry, 'sys_created_by')}
 <small>${entry['element'] === 'comments' ? 'comment, visible to the caller' : 'work note'}, ${text(entry, 'sys_created_on')} UTC</small></header>
<pre>${text(entry, 'value')}</pre></article>`,
  );
  return `<h2>Activity</h2>${lines.join('') || '<p>Nothing yet.</p>'}`;
}
