import { stamp } from './state.ts';

/** On whose behalf and when a query is evaluated. */
export type Scope = {
  /** sys_id and user_name of the caller. */
  readonly userId: string;
  readonly userName: string;
  readonly now: Date;
};

const minute = 60_000;
const day = 86_400_000;
const call = /^javascript:\s*gs\.([A-Za-z]+)\(([^)]*)\);?$/;

const from = (scope: Scope, ms: number): string => stamp(new Date(scope.now.getTime() - ms));
const dayOf = (scope: Scope, ago: number): string => from(scope, ago * day).slice(0, 10);

/** What may be called in a query. Times are UTC, as the integration user's time zone is here. */
const functions: Readonly<Record<string, (scope: Scope, args: readonly string[]) => string>> = {
  getUserID: ({ userId }) => userId,
  getUserName: ({ userName }) => userName,
  nowDateTime: (scope) => from(scope, 0),
  minutesAgo: (scope, [n]) => from(scope, Number(n) * minute),
  hoursAgo: (scope, [n]) => from(scope, Number(n) * 60 * minute),
  daysAgo: (scope, [n]) => from(scope, Number(n) * day),
  daysAgoStart: (scope, [n]) => `${dayOf(scope, Number(n))} 00:00:00`,
  daysAgoEnd: (scope, [n]) => `${dayOf(scope, Number(n))} 23:59:59`,
  beginningOfToday: (scope) => `${dayOf(scope, 0)} 00:00:00`,
  endOfToday: (scope) => `${dayOf(scope, 0)} 23:59:59`,
  dateGenerate: (_scope, [date = '', time = '']) => {
    const moment = { start: '00:00:00', end: '23:59:59' }[time] ?? time;
    return `${date} ${moment}`;
  },
};

/**
 * A value of a query as ServiceNow takes it: one that begins with `javascript:` is evaluated, which is why no text of a
 * ticket may become one. A script it does not allow gives nothing.
 */
export function evaluated(operand: string, scope: Scope): string {
  if (!operand.startsWith('javascript:')) return operand;
  const [, name = '', list = ''] = call.exec(operand) ?? [];
  if (!Object.hasOwn(functions, name)) return '';
  const args = list.split(',').map((arg) => arg.trim().replaceAll(/^['"]|['"]$/g, ''));
  return functions[name]?.(scope, args) ?? '';
}
