import { z } from 'zod';
import type { Origin, Person } from '../../domain/people.ts';

const Account = z.looseObject({
  id: z.string().min(1),
  name: z.string().nullish(),
  aadObjectId: z.string().nullish(),
  tenantId: z.string().nullish(),
});
const Named = z.looseObject({ id: z.string() });

/** What we read of a Bot Framework activity. Unknown fields pass; a wrong type of a known one is a bad request. */
export const Incoming = z.looseObject({
  type: z.string().min(1).max(60),
  id: z.string().max(500).nullish(),
  name: z.string().max(200).nullish(),
  text: z.string().max(20_000).nullish(),
  /** Other channels have other rules of trust, so only Teams is let in. */
  channelId: z.literal('msteams'),
  serviceUrl: z.string().min(1).max(500),
  from: Account,
  recipient: Account,
  conversation: z.looseObject({
    id: z.string().min(1).max(1000),
    conversationType: z.string().nullish(),
    tenantId: z.string().nullish(),
  }),
  channelData: z
    .looseObject({
      tenant: Named.nullish(),
      team: Named.nullish(),
      channel: Named.nullish(),
      settings: z.looseObject({ selectedChannel: Named.nullish() }).nullish(),
    })
    .nullish(),
  replyToId: z.string().max(500).nullish(),
  action: z.string().nullish(),
  value: z.unknown().optional(),
});
export type Incoming = z.infer<typeof Incoming>;

/** The tenants an activity names. The token does not cover them, so all of them have to be allowed. */
export function tenantsOf(activity: Incoming): string[] {
  const named = [activity.conversation.tenantId, activity.channelData?.tenant?.id];
  return named.filter((tenant): tenant is string => typeof tenant === 'string' && tenant !== '');
}

/** The person behind an activity. Undefined without an Entra object id: names and channel ids prove nobody. */
export function personOf(activity: Incoming): Person | undefined {
  const { aadObjectId, name, tenantId } = activity.from;
  const tenant = tenantId || tenantsOf(activity)[0];
  if (!aadObjectId || !tenant) return undefined;
  // the same person whatever the case: ids are compared, also with those of the directory
  return { kind: 'person', id: aadObjectId.toLowerCase(), name: name || aadObjectId, tenant };
}

export const originOf = (activity: Incoming): Origin => ({
  conversation: activity.conversation.id,
  activity: activity.id ?? '',
});

/** A channel's own conversation id, without the thread. */
export const channelOf = (conversation: string): string =>
  conversation.split(';messageid=')[0] ?? conversation;
