import { type Answer, type Asked, failure, json } from './http.ts';
import { type Row, rowsOf, type State, stamp } from './state.ts';

/**
 * `GET /api/now/on_call_rota/whoisoncall` with `group_ids` or `rota_ids`, and `date_time` (UTC here); undefined for other
 * paths. Members of all rosters of the rotas, whose days (`from`, `to`, both open when empty) cover the time.
 */
export function onCallRota(world: { readonly state: State; now(): Date }, asked: Asked): Answer | undefined {
  if (!/^\/api\/now\/(?:v[12]\/)?on_call_rota\/whoisoncall$/.test(asked.path)) return undefined;
  if (asked.method !== 'GET') return failure(405, 'Method not allowed');
  const idsOf = (name: string) => (asked.query.get(name) ?? '').split(',').filter((id) => id !== '');
  const [groups, rotas] = [idsOf('group_ids'), idsOf('rota_ids')];
  if (groups.length + rotas.length === 0)
    return failure(400, 'Bad Request', 'group_ids or rota_ids is required');
  const at = asked.query.get('date_time') ?? stamp(world.now());
  if (!/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(at)) return failure(400, 'Bad Request', 'invalid date_time');
  const wanted = rowsOf(world.state, 'cmn_rota').filter(
    (rota) => groups.includes(rota['group'] ?? '') || rotas.includes(rota['sys_id'] ?? ''),
  );
  return json(200, { result: wanted.flatMap((rota) => membersOf(world.state, rota, at.slice(0, 10))) });
}

function membersOf(state: State, rota: Row, day: string) {
  const rosters = rowsOf(state, 'cmn_rota_roster').filter((roster) => roster['rota'] === rota['sys_id']);
  return rosters.flatMap((roster) =>
    rowsOf(state, 'cmn_rota_member')
      .filter((member) => member['roster'] === roster['sys_id'] && covers(member, day))
      .map((member) => shown(rota, roster, member)),
  );
}

const covers = (member: Row, day: string): boolean =>
  (member['from'] ?? '') <= day && ((member['to'] ?? '') === '' || day <= (member['to'] ?? ''));

/** One row of the answer, as real instances give it. */
const shown = (rota: Row, roster: Row, member: Row) => ({
  memberId: member['sys_id'] ?? '',
  memberIds: '',
  userId: member['member'] ?? '',
  userIds: '',
  roster: roster['sys_id'] ?? '',
  rota: rota['sys_id'] ?? '',
  group: rota['group'] ?? '',
  escalationGroups: [],
  deviceId: '',
  deviceIds: '',
  isDevice: false,
  order: Number(member['order'] ?? 100),
  isOverride: false,
  rotationScheduleId: '',
  memberScheduleId: '',
});
