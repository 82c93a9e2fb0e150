import type { EntraOptions } from './entra/server.ts';
import type { PlaygroundPerson, PlaygroundWorld } from './playground/world.ts';

const person = (n: number, id: string, name: string): PlaygroundPerson => ({
  id: `29:${id}`,
  name,
  aadObjectId: `6c1d0000-0000-4000-8000-00000000000${n}`,
  email: `${id}@contoso.example`,
});

/** The page acts as Olivia. She is on call: she may ask for runbooks, and approve what others ask for. */
export const olivia = person(1, 'olivia', 'Olivia Oncall');
export const arne = person(2, 'arne', 'Arne Approver');
export const mia = person(3, 'mia', 'Mia Manager');
export const ravi = person(4, 'ravi', 'Ravi Requester');
export const sam = person(5, 'sam', 'Sam Stranger');
export const ada = person(6, 'ada', 'Ada Admin');
/** Her user principal name is nadia.novak@contoso.example, as runbooks name their author. She is not in the client. */
export const nadia = person(7, 'nadia.novak', 'Nadia Novak');

/** What each of them may do, for the page that introduces them. */
export const roles = [
  { person: olivia, role: 'on call in Web Operations; asks for runbooks and approves those of others' },
  { person: arne, role: 'approves for the web tier' },
  { person: mia, role: 'manager; approves for the web tier' },
  { person: ravi, role: 'engineer in Web Operations; asks for runbooks' },
  { person: sam, role: 'works elsewhere; may look, and is refused everything else' },
  { person: ada, role: 'administers Handrail' },
  { person: nadia, role: 'wrote the runbooks, so she may not approve them; known to the directory only' },
] as const;

const group = (
  n: number,
  displayName: string,
  members: readonly PlaygroundPerson[],
): EntraOptions['groups'][number] => ({
  id: `5b0f3c1e-0000-4000-8000-00000000000${n}`,
  displayName,
  members: members.map((one) => one.aadObjectId),
});

/** The groups of runbooks/policy.yaml. */
export const groups = [
  group(1, 'web-operations', [olivia, ravi]),
  group(2, 'web-approvers', [olivia, arne, mia]),
  group(3, 'handrail-admins', [ada]),
  group(4, 'service-owners', [mia, arne]),
  group(5, 'incident-commanders', [ravi]),
  group(6, 'web-managers', [ada]),
  group(7, 'endpoint-approvers', [arne, mia, olivia]),
  group(8, 'endpoint-operations', [ravi, olivia]),
];

/** Who is called first, and next, for the assignment groups of ServiceNow, and who leads them. */
export const onCall = [
  { group: 'Web Operations', manager: mia, people: [olivia, ravi] },
  { group: 'Web Operations L3', manager: mia, people: [arne] },
  { group: 'Endpoint Operations', manager: mia, people: [ravi, arne] },
] as const;

export const tenantId = '11111111-1111-4111-8111-111111111111';
export const incidentsChannel = '19:incidents@thread.tacv2';

export const playgroundWorld: PlaygroundWorld = {
  tenantId,
  bot: { id: '28:22222222-2222-4222-8222-222222222222', name: 'Handrail' },
  currentUser: olivia,
  users: [arne, mia, ravi, sam, ada],
  personalChat: { id: 'a:personal-olivia' },
  groupChat: { id: '19:bridge@thread.v2', name: 'Incident bridge' },
  team: {
    id: '19:operations@thread.tacv2',
    name: 'Operations',
    aadGroupId: '7e2e0000-0000-4000-8000-000000000001',
    channel: { id: incidentsChannel, name: 'incidents' },
  },
};
