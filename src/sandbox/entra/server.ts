import { z } from 'zod';
import { type Answer, type Handler, hasToken, type Running, startLoopback } from '../ops-api/loopback.ts';

type SandboxPerson = {
  /** Entra object id. */
  readonly id: string;
  readonly displayName: string;
  readonly userPrincipalName: string;
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
};

const CheckMemberGroups = z.strictObject({ groupIds: z.array(z.guid()).min(1).max(20) });

/** The error body of Microsoft Graph. */
const graphError = (status: number, code: string, message: string): Answer => ({
  status,
  json: { error: { code, message } },
});

/** A minimal Microsoft Graph: `GET /v1.0/users/{id}` and the transitive `POST /v1.0/users/{id}/checkMemberGroups`. */
export function startEntra({ port, token, people, groups }: EntraOptions): Promise<Running> {
  const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
  const personOf = (name: string) =>
    people.find((person) => same(person.id, name) || same(person.userPrincipalName, name));

  /** The groups somebody is in, also through other groups; groups may contain each other in a circle. */
  function groupsOf(id: string, seen = new Set<string>()): Set<string> {
    for (const group of groups) {
      if (seen.has(group.id) || !group.members.some((member) => same(member, id))) continue;
      seen.add(group.id);
      groupsOf(group.id, seen);
    }
    return seen;
  }

  const withPerson =
    (answer: (person: SandboxPerson, body: unknown) => Answer): Handler =>
    (ask) => {
      if (!hasToken(ask, token))
        return graphError(401, 'InvalidAuthenticationToken', 'Access token is not valid.');
      const name = ask.params['id'] ?? '';
      const person = personOf(name);
      if (person === undefined)
        return graphError(404, 'Request_ResourceNotFound', `Resource '${name}' does not exist.`);
      return answer(person, ask.json);
    };

  return startLoopback(
    {
      'GET /v1.0/users/:id': withPerson((person) => ({ status: 200, json: person })),
      'POST /v1.0/users/:id/checkMemberGroups': withPerson((person, body) => {
        const asked = CheckMemberGroups.safeParse(body);
        if (!asked.success)
          return graphError(400, 'Request_BadRequest', 'groupIds has to hold 1 to 20 object ids.');
        const member = groupsOf(person.id);
        const value = [...member].filter((id) => asked.data.groupIds.some((one) => same(one, id)));
        return { status: 200, json: { value } };
      }),
    },
    port,
  );
}
