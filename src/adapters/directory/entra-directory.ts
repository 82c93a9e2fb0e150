import { promises as timers } from 'node:timers';
import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { Clock, Directory } from '../../ports.ts';
import { type GraphSettings, graphPost } from './graph-call.ts';
import { membershipCache } from './membership-cache.ts';

export type EntraDirectorySettings = GraphSettings & {
  /** How long an answer may be used again; 30 without it. Short, because memberships are checked at click time. */
  readonly cacheSeconds?: number;
  readonly attempts?: number;
  /** All waiting of one question together, in ms; what Graph asks beyond it is an error. */
  readonly maxWaitMs?: number;
  readonly clock?: Clock;
  readonly sleep?: (ms: number) => Promise<unknown>;
};

// The limit of one checkMemberGroups call: learn.microsoft.com/graph/api/directoryobject-checkmembergroups
const groupsPerCall = 20;

const Membership = z.object({ value: z.array(z.string()) });
const isId = (text: string) => z.guid().safeParse(text).success;

/**
 * Transitive group membership from Microsoft Graph. Whatever does not clearly say "member" is not a member: Graph leaves
 * out groups it does not know or may not show. Throws `directory-unreachable` or `directory-refused`.
 */
export function entraDirectory(settings: EntraDirectorySettings): Directory {
  const { clock = { now: () => new Date() }, cacheSeconds = 30 } = settings;
  const cache = membershipCache(cacheSeconds * 1_000, clock);

  async function ask(personId: string, groups: readonly string[]) {
    const answer = await patiently(settings, () =>
      graphPost(settings, `/v1.0/users/${personId}/checkMemberGroups`, { groupIds: groups }),
    );
    const parsed = Membership.safeParse(answer);
    if (!parsed.success) throw unreadable();
    const member = new Set(parsed.data.value.map((id) => id.toLowerCase()));
    for (const group of groups) cache.set(personId, group, member.has(group));
    return groups.map((group) => [group, member.has(group)] as const);
  }

  return {
    async memberOf(personId, groups) {
      const wrong = [personId, ...groups].find((id) => !isId(id));
      if (wrong !== undefined) throw noObjectId(wrong);
      const person = personId.toLowerCase();
      const ids = [...new Set(groups.map((group) => group.toLowerCase()))];
      const answers = new Map(ids.map((id) => [id, cache.get(person, id)]));
      const open = ids.filter((id) => answers.get(id) === undefined);
      for (let n = 0; n < open.length; n += groupsPerCall) {
        const chunk = open.slice(n, n + groupsPerCall);
        for (const [id, member] of await ask(person, chunk)) answers.set(id, member);
      }
      return groups.filter((group) => answers.get(group.toLowerCase()) === true);
    },
  };
}

/** A question changes nothing, so it may be repeated; `maxWaitMs` bounds the patience of the person who clicked. */
async function patiently<T>(settings: EntraDirectorySettings, attempt: () => Promise<T>): Promise<T> {
  const { attempts = 3, maxWaitMs = 5_000, sleep = timers.setTimeout } = settings;
  let waited = 0;
  for (let n = 1; ; n += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof AppError) || !error.retryable || n >= attempts) throw error;
      const wait = error.retryAfterMs ?? 200 * 2 ** (n - 1);
      waited += wait;
      if (waited > maxWaitMs) throw error;
      await sleep(wait);
    }
  }
}

const unreadable = () =>
  new AppError({
    code: 'directory-unreachable',
    message: 'Microsoft Graph answered with a body that cannot be read',
    fix: 'Check the base URL of Microsoft Graph: something else answers there, such as a proxy.',
    retryable: true,
  });

const noObjectId = (id: string) =>
  new AppError({
    code: 'directory-refused',
    message: `"${id.slice(0, 100)}" is not an Entra object id`,
    fix: 'Name groups by their Entra object id in the policy and the runbooks (Entra admin center, Groups, Object Id).',
  });
