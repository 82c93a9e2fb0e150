import { columnsOf, journals, labelOf, referenceOf, rootOf, shows } from './dictionary.ts';
import { type Asked, says } from './http.ts';
import { tableAt, valueAt } from './query.ts';
import { type Row, rowIn, type State } from './state.ts';

/** How a record is called where others point to it. */
export const displayName = (row: Row | undefined): string =>
  row === undefined ? '' : (row['name'] ?? row['number'] ?? row['user_name'] ?? row['sys_id'] ?? '');

function cell(state: State, asked: Asked, table: string, row: Row, path: string): unknown {
  // Journal columns are written, never read back: their entries live in sys_journal_field.
  const value = journals.some((name) => name === path) ? '' : valueAt(state, table, row, path);
  const column = path.split('.').at(-1) ?? path;
  const owner = tableAt(table, path);
  const target = value === '' || owner === undefined ? undefined : referenceOf(owner, column);
  if (target === undefined) return styled(asked, labelOf(rootOf(table), column, value), value);
  const name = displayName(rowIn(state, target, value)) || value;
  if (says(asked, 'sysparm_exclude_reference_link')) return styled(asked, name, value);
  return styled(asked, name, value, `${asked.url}/api/now/table/${target}/${value}`);
}

/** One value in the form sysparm_display_value asks for; references come with a link. */
function styled(asked: Asked, display_value: string, value: string, link?: string): unknown {
  const style = (asked.query.get('sysparm_display_value') ?? 'false').toLowerCase();
  if (style === 'all') return { display_value, ...(link && { link }), value };
  if (style === 'true') return link === undefined ? display_value : { display_value, link };
  return link === undefined ? value : { link, value };
}

/** A row as the Table API shows it: the columns asked for, unknown ones left out without a word. */
export function present(state: State, asked: Asked, table: string, row: Row): Record<string, unknown> {
  const all = [...new Set([...columnsOf(table), ...Object.keys(row)])].filter((c) => shows(table, c));
  const fields = (asked.query.get('sysparm_fields') ?? '').split(',').filter((name) => name !== '');
  const wanted = fields.filter((path) => all.includes(path.split('.')[0] ?? ''));
  const names = fields.length === 0 ? all : wanted;
  return Object.fromEntries(names.map((path) => [path, cell(state, asked, table, row, path)]));
}

/** One page of rows, with the headers that tell how many there are and where the next ones are. */
export function page(
  asked: Asked,
  rows: readonly Row[],
): { rows: readonly Row[]; headers: Record<string, string> } {
  const whole = (name: string, otherwise: number) => {
    const text = asked.query.get(name) ?? '';
    return /^\d+$/.test(text) ? Number(text) : otherwise;
  };
  const limit = Math.max(1, whole('sysparm_limit', 10_000));
  const offset = whole('sysparm_offset', 0);
  const shown = rows.slice(offset, offset + limit);
  if (says(asked, 'sysparm_no_count')) return { rows: shown, headers: {} };
  const headers: Record<string, string> = { 'x-total-count': String(rows.length) };
  if (says(asked, 'sysparm_suppress_pagination_header')) return { rows: shown, headers };
  const link = (rel: string, at: number) => {
    const query = new URLSearchParams(asked.query);
    query.set('sysparm_limit', String(limit));
    query.set('sysparm_offset', String(at));
    return `<${asked.url}${asked.path}?${query}>;rel="${rel}"`;
  };
  const last = Math.max(0, Math.floor((rows.length - 1) / limit) * limit);
  const links = [link('first', 0), link('last', last)];
  if (offset > 0) links.push(link('prev', Math.max(0, offset - limit)));
  if (offset + limit < rows.length) links.push(link('next', offset + limit));
  return { rows: shown, headers: { ...headers, link: links.join(',') } };
}
