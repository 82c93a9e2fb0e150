import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import { withoutSlash } from './graph-call.ts';
import type { Graph } from './patient-graph.ts';

const most = 2_000;
/** 2,000 people are three full pages; pages may be short. */
const mostPages = 20;

const Page = z.object({
  value: z.array(z.object({ id: z.guid() })),
  '@odata.nextLink': z.string().optional(),
});

/**
 * Object ids of the people in a group, also through other groups, in lower case. The header and `$count` come with the
 * cast to users (learn.microsoft.com/graph/api/group-list-transitivemembers). Throws `directory-refused` for more than 2,000.
 */
export async function groupMembers(graph: Graph, baseUrl: string, group: string): Promise<readonly string[]> {
  const route = `/v1.0/groups/${group}/transitiveMembers/microsoft.graph.user`;
  const people = new Set<string>();
  let path: string | undefined = `${route}?$select=id&$count=true&$top=999`;
  for (let pages = 0; path !== undefined; pages += 1) {
    if (pages >= mostPages) throw tooMany(group);
    const page = await graph(
      {
        about: 'the members of a group',
        path,
        headers: { ConsistencyLevel: 'eventual' },
        missing: `There is no group ${group} in this tenant. Correct its Entra object id in the policy.`,
      },
      Page,
    );
    for (const { id } of page?.value ?? []) people.add(id.toLowerCase());
    if (people.size > most) throw tooMany(group);
    path = nextPath(page?.['@odata.nextLink'], baseUrl, route);
  }
  return [...people];
}

/** The next page, on the same host and about the same group: the token must not travel anywhere else. */
function nextPath(link: string | undefined, baseUrl: string, route: string): string | undefined {
  if (link === undefined) return undefined;
  const base = new URL(withoutSlash(baseUrl));
  const next = URL.canParse(link) ? new URL(link) : undefined;
  const prefix = base.pathname === '/' ? '' : base.pathname;
  const same =
    next !== undefined &&
    next.origin === base.origin &&
    next.username === '' &&
    next.pathname.toLowerCase() === `${prefix}${route}`.toLowerCase();
  if (same) return `${next.pathname.slice(prefix.length)}${next.search}`;
  throw new AppError({
    code: 'directory-refused',
    message: 'Microsoft Graph named another address for the next page of members',
    fix: 'Set the base URL of Microsoft Graph to the one it names itself by, e.g. https://graph.microsoft.com.',
  });
}

const tooMany = (group: string) =>
  new AppError({
    code: 'directory-refused',
    message: `the group ${group} has more than ${most} people`,
    fix: 'Name a smaller group in the policy: a quorum of a group that large cannot be counted.',
  });
