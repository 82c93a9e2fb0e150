import { AppError } from '../../domain/errors.ts';
import type { Change } from '../../domain/incident.ts';
import type { Client } from './client.ts';
import { readConflicts } from './conflicts.ts';
import { changeColumns, toChange } from './map.ts';
import type { Mappings } from './mappings.ts';
import { inPortions, readAll } from './read.ts';
import { isSysId, type Row } from './schema.ts';

const path = '/api/now/table/change_request';
const most = 5_000;

/**
 * Changes of an item whose planned time covers a moment, or that are being implemented out of their time: those that name it first, and those that list it among their
 * affected items. The queries name the item alone; times and states are judged here, because ServiceNow ignores
 * conditions it does not understand.
 */
export async function readChanges(
  client: Client,
  mappings: Mappings,
  ciSysId: string,
  at: Date,
): Promise<readonly Change[]> {
  if (!isSysId(ciSysId)) return [];
  const { changeCi } = mappings.columns;
  const [first, affecting] = await Promise.all([
    readAll(client, {
      path,
      query: `${changeCi}=${ciSysId}^ORDERBYDESCsys_created_on`,
      columns: changeColumns,
      fits: { [changeCi]: ciSysId },
      most,
    }),
    mappings.changeAffected ? readAffecting(client, ciSysId) : [],
  ]);
  const rows = new Map([...first, ...affecting].map((row) => [row['sys_id'] ?? '', row]));
  const now = at.getTime();
  const covering = [...rows].flatMap(([sysId, row]) => {
    const change = toChange(row, mappings);
    if (change === undefined) return [];
    const covers = Date.parse(change.start) <= now && now < Date.parse(change.end);
    const isOut = change.state === 'implement' && change.begun === true;
    return covers || isOut ? [{ sysId, change }] : [];
  });
  if (!mappings.changeConflicts) return covering.map(({ change }) => change);
  return Promise.all(
    covering.map(async ({ sysId, change }) => ({ ...change, conflicts: await readConflicts(client, sysId) })),
  );
}

/** Tasks that are surely no changes. Any other class may have been derived from change_request. */
const noChanges = ['incident', 'problem'];

/**
 * The changes that list an item among their affected ones (task_ci). Whatever else lists it, such as a task of some other
 * kind, is not found among the changes; a change that is not found there is hidden from us, which nobody may take for none.
 */
async function readAffecting(client: Client, ciSysId: string): Promise<Row[]> {
  const links = await readAll(client, {
    path: '/api/now/table/task_ci',
    query: `ci_item=${ciSysId}^task.active=true^ORDERBYDESCsys_created_on`,
    columns: ['task', 'task.sys_class_name'],
    fits: { ci_item: ciSysId, 'task.active': 'true' },
    most,
  });
  const classes = new Map(links.map((link) => [link['task'] ?? '', link['task.sys_class_name'] ?? '']));
  const tasks = [...classes].filter(([task, name]) => isSysId(task) && !noChanges.includes(name));
  const rows = await inPortions(
    tasks.map(([task]) => task),
    (portion) =>
      readAll(client, {
        path,
        query: `sys_idIN${portion.join(',')}`,
        columns: changeColumns,
        fits: { sys_id: new Set(portion) },
        most: portion.length,
      }),
  );
  const found = new Set(rows.map((row) => row['sys_id']));
  if (tasks.some(([task, name]) => name === 'change_request' && !found.has(task))) throw hidden();
  return rows;
}

const hidden = (): AppError =>
  new AppError({
    code: 'itsm-refused',
    message: 'GET change_request: a change that affects the configuration item cannot be read',
    fix: 'Let the integration user read all change requests, or set change.affected to false in servicenow.yaml.',
  });
