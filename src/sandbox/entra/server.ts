import { z } from 'zod';
import {
  type Answer,
  type Ask,
  type Handler,
  hasToken,
  type Routes,
  type Running,
  startLoopback,
} from '../ops-api/loopback.ts';
import { graphError, pageOf, selected } from './odata.ts';

type SandboxPerson = {
  /** Entra object id. */
  readonly id: string;
  readonly displayName: string;
  readonly userPrincipalName: string;
  /** The same as the principal name when it is not given. */
  readonly mail?: string;
};
type SandboxGroup = {
  readonly id: string;
  readonly displayName: string;
  /** Ids of people and of other groups. */
  readonly members: readonly string[];
};
export type EntraOptions = {
  /** 0 or nothing: a free port. */
  readonly port?: number;
  readonly token: string;
  readonly people: readonly SandboxPerson[];
  readonly groups: readonly SandboxGroup[];
  /** What else this Graph knows. */
  readonly more?: Routes;
};

const CheckMemberGroups = z.strictObject({ groupIds: z.array(z.guid()).min(1).max(20) });
const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

const notFound = (name: string): Answer =>
  graphError(404, 'Request_ResourceNotFound', `Resource '${name}' does not exist.`);

/**
 * A minimal Microsoft Graph: users by id, principal name or `$filter=mail eq '...'`, the transitive `checkMemberGroups`
 * and `transitiveMembers` of a group.
 */
export function startEntra({ port, token, people, groups, more = {} }: EntraOptions): Promise<Running> {
  const users = people.map((person) => ({ ...person, mail: person.mail ?? person.userPrincipalName }));

  const signedIn =
    (answer: Handler): Handler =>
    (ask) =>
      hasToken(ask, token)
        ? answer(ask)
        : graphError(401, 'InvalidAuthenticationToken', 'Access token is not valid.');
  const withPerson = (answer: (person: Required<SandboxPerson>, ask: Ask) => Answer): Handler =>
    signedIn((ask) => {
      const name = ask.params['id'] ?? '';
      const person = users.find((one) => same(one.id, name) || same(one.userPrincipalName, name));
      return person === undefined ? notFound(name) : answer(person, ask);
    });

  return startLoopback(
    {
      ...more,
      'GET /v1.0/users': signedIn((ask) => {
        const [, mail] = /^mail eq '((?:[^']|'')*)'$/.exec(ask.query.get('$filter') ?? '') ?? [];
        if (mail === undefined)
          return graphError(400, 'Request_UnsupportedQuery', 'Unsupported or invalid query filter.');
        return pageOf(
          ask,
          users.filter((user) => same(user.mail, mail.replaceAll("''", "'"))),
        );
      }),
      'GET /v1.0/users/:id': withPerson((person, ask) => ({ status: 200, json: selected(ask, person) })),
      'POST /v1.0/users/:id/checkMemberGroups': withPerson((person, ask) => {
        const asked = CheckMemberGroups.safeParse(ask.json);
        if (!asked.success)
          return graphError(400, 'Request_BadRequest', 'groupIds has to hold 1 to 20 object ids.');
        const member = groupsOf(groups, person.id);
        const value = [...member].filter((id) => asked.data.groupIds.some((one) => same(one, id)));
        return { status: 200, json: { value } };
      }),
      'GET /v1.0/groups/:id/transitiveMembers/microsoft.graph.user': signedIn((ask) => {
        const group = groups.find((one) => same(one.id, ask.params['id'] ?? ''));
        if (group === undefined) return notFound(ask.params['id'] ?? '');
        // a cast of directory objects is an advanced query
        if (ask.headers['consistencylevel'] !== 'eventual' || ask.query.get('$count') !== 'true')
          return graphError(400, 'Request_UnsupportedQuery', 'ConsistencyLevel and $count are needed.');
        return pageOf(
          ask,
          users.filter((user) => groupsOf(groups, user.id).has(group.id)),
        );
      }),
    },
    port,
  );
}

/** The groups somebody is in, also through other groups; groups may contain each other in a circle. */
function groupsOf(groups: readonly SandboxGroup[], id: string, seen = new Set<string>()): Set<string> {
  for (const group of groups) {
    if (seen.has(group.id) || !group.members.some((member) => same(member, id))) continue;
    seen.add(group.id);
    groupsOf(groups, group.id, seen);
  }
  return seen;
}
