import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { Clock, Directory } from '../../ports.ts';
import { type Found, findPerson } from './find-person.ts';
import type { GraphSettings } from './graph-call.ts';
import { groupMembers } from './group-members.ts';
import { type Graph, type Patience, patientGraph } from './patient-graph.ts';
import { type Remembered, type ShortMemory, shortMemory } from './short-memory.ts';

export type EntraDirectorySettings = GraphSettings &
  Patience & {
    /** How long an answer may be used again; 30 without it. Short, because memberships are checked at click time. */
    readonly cacheSeconds?: number;
    readonly clock?: Clock;
  };

// The limit of one checkMemberGroups call: learn.microsoft.com/graph/api/directoryobject-checkmembergroups
const groupsPerCall = 20;

const Membership = z.object({ value: z.array(z.string()) });
const isId = (text: string) => z.guid().safeParse(text).success;

/**
 * People and transitive group membership from Microsoft Graph. Whatever does not clearly say "member" is not a member:
 * Graph leaves out groups it does not know or may not show. Throws `directory-unreachable` or `directory-refused`.
 */
export function entraDirectory(settings: EntraDirectorySettings): Directory {
  const { clock = { now: () => new Date() }, cacheSeconds = 30 } = settings;
  const graph = patientGraph(settings);
  const memory = <T>() => shortMemory<T>(cacheSeconds * 1_000, clock);
  const memberships = memory<boolean>();
  const members = memory<readonly string[]>();
  const people = memory<Found | undefined>();
  const dated = new WeakMap<object, Date>();
  const given = <T>({ answer, at }: Remembered<T>): T => {
    if (typeof answer === 'object' && answer !== null) dated.set(answer, at);
    return answer;
  };

  return {
    memberOf: async (personId, groups) =>
      given(await memberOf({ graph, clock, memory: memberships }, personId, groups)),
    async members(group) {
      if (!isId(group)) throw noObjectId(group);
      const id = group.toLowerCase();
      return given(await remembered(members, clock, id, () => groupMembers(graph, settings.baseUrl, id)));
    },
    person: async (named) =>
      given(await remembered(people, clock, named.toLowerCase(), () => findPerson(graph, named))),
    readAt: (answer) => (typeof answer === 'object' && answer !== null ? dated.get(answer) : undefined),
  };
}

async function remembered<T>(
  memory: ShortMemory<T>,
  clock: Clock,
  question: string,
  ask: () => Promise<T>,
): Promise<Remembered<T>> {
  const known = memory.get(question);
  if (known !== undefined) return known;
  const at = clock.now();
  const fresh = { answer: await ask(), at };
  memory.set(question, fresh);
  return fresh;
}

type Memberships = { readonly graph: Graph; readonly clock: Clock; readonly memory: ShortMemory<boolean> };

/** What is put together of several answers is as old as the oldest. */
async function memberOf(
  { graph, clock, memory }: Memberships,
  personId: string,
  groups: readonly string[],
): Promise<Remembered<readonly string[]>> {
  const wrong = [personId, ...groups].find((id) => !isId(id));
  if (wrong !== undefined) throw noObjectId(wrong);
  const person = personId.toLowerCase();
  const ids = [...new Set(groups.map((group) => group.toLowerCase()))];
  const answers = new Map(ids.map((id) => [id, memory.get(`${person}|${id}`)]));
  const open = ids.filter((id) => answers.get(id) === undefined);
  const now = clock.now();
  for (let n = 0; n < open.length; n += groupsPerCall) {
    const chunk = open.slice(n, n + groupsPerCall);
    const member = await groupsAmong(graph, person, chunk);
    for (const id of chunk) {
      const fresh = { answer: member.has(id), at: now };
      memory.set(`${person}|${id}`, fresh);
      answers.set(id, fresh);
    }
  }
  const times = [...answers.values()].map((known) => known?.at.getTime() ?? now.getTime());
  return {
    answer: groups.filter((group) => answers.get(group.toLowerCase())?.answer === true),
    at: new Date(Math.min(now.getTime(), ...times)),
  };
}

async function groupsAmong(graph: Graph, person: string, groupIds: readonly string[]): Promise<Set<string>> {
  const answer = await graph(
    {
      about: 'a membership question',
      path: `/v1.0/users/${person}/checkMemberGroups`,
      body: { groupIds },
      missing: 'The person is not in the directory of this tenant; use an account of the tenant.',
    },
    Membership,
  );
  return new Set(answer?.value.map((id) => id.toLowerCase()));
}

const noObjectId = (id: string) =>
  new AppError({
    code: 'directory-refused',
    message: `"${id.slice(0, 100)}" is not an Entra object id`,
    fix: 'Name groups by their Entra object id in the policy and the runbooks (Entra admin center, Groups, Object Id).',
  });
