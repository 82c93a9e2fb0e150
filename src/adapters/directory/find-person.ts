import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { Graph } from './patient-graph.ts';

export type Found = { readonly id: string; readonly name: string };

const User = z.object({ id: z.guid(), displayName: z.string().nullish() });
const Users = z.object({ value: z.array(User.extend({ mail: z.string().nullish() })) });

const about = 'a person';

/**
 * The person with this object id, user principal name or email address; undefined when there is none. Throws
 * `directory-refused` when several people have the address: nobody can tell who is meant.
 */
export async function findPerson(graph: Graph, named: string): Promise<Found | undefined> {
  const isId = z.guid().safeParse(named).success;
  // neither an id nor an address: names nobody, and is not sent
  if (!isId && !/^[^@\s]{1,120}@[^@\s]{1,120}$/.test(named)) return undefined;
  const user = await graph(
    { about, path: `/v1.0/users/${encodeURIComponent(named)}?${select('id,displayName')}` },
    User,
  );
  if (user !== undefined) {
    if (isId && user.id.toLowerCase() !== named.toLowerCase()) throw somebodyElse();
    return found(user);
  }
  return isId ? undefined : byMail(graph, named);
}

async function byMail(graph: Graph, mail: string): Promise<Found | undefined> {
  const filter = `mail eq '${mail.replaceAll("'", "''")}'`;
  const path = `/v1.0/users?$filter=${encodeURIComponent(filter)}&${select('id,displayName,mail')}&$top=2`;
  const users = (await graph({ about, path }, Users))?.value ?? [];
  if (users.some((one) => one.mail?.toLowerCase() !== mail.toLowerCase())) throw somebodyElse();
  const [user, second] = users;
  if (second === undefined) return user && found(user);
  throw new AppError({
    code: 'directory-refused',
    message: `several people have the email address ${mail}`,
    fix: 'Name the person by user principal name or Entra object id.',
  });
}

const select = (columns: string): string => `$select=${columns}`;

const found = (user: z.infer<typeof User>): Found => ({
  id: user.id.toLowerCase(),
  name: user.displayName ?? '',
});

const somebodyElse = () =>
  new AppError({
    code: 'directory-refused',
    message: 'Microsoft Graph answered with another person than the one asked for',
    fix: 'Check the base URL of Microsoft Graph: something in front of it changes what is asked.',
  });
