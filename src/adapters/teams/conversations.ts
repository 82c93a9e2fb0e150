import { z } from 'zod';
import { sha256 } from '../../domain/json.ts';
import type { Person } from '../../domain/people.ts';
import type { Clock, StateItem, StateStore } from '../../ports.ts';
import { channelOf, type Incoming, tenantsOf } from './activity.ts';

/** Where and how a conversation is reached. Our own JSON, so that another SDK can take over. */
export const ConversationRef = z.object({
  /** Without a thread. */
  conversation: z.string(),
  serviceUrl: z.string(),
  tenant: z.string(),
  bot: z.object({ id: z.string(), name: z.string() }),
});
export type ConversationRef = z.infer<typeof ConversationRef>;

export interface Conversations {
  /** Remembers where an activity came from; the latest service URL wins. */
  remember(activity: Incoming): Promise<void>;
  save(ref: ConversationRef): Promise<void>;
  /** By conversation id, with or without a thread. */
  find(conversation: string): Promise<ConversationRef | undefined>;
  personal(person: Pick<Person, 'id' | 'tenant'>): Promise<ConversationRef | undefined>;
  savePersonal(person: Pick<Person, 'id' | 'tenant'>, ref: ConversationRef): Promise<void>;
  forgetPersonal(person: Pick<Person, 'id' | 'tenant'>): Promise<void>;
  /** The team the bot was seen in last: the way to a channel nobody has written in yet. */
  latestTeam(): Promise<ConversationRef | undefined>;
  /** True the first time it is asked for a conversation. */
  firstWelcome(conversation: string): Promise<boolean>;
}

// Conversation ids hold characters that document ids may not, so items are named by a hash.
const channelKey = (conversation: string) => ({ pk: `chat:${sha256(channelOf(conversation))}`, id: 'ref' });
const personKey = ({ id, tenant }: Pick<Person, 'id' | 'tenant'>) => ({
  pk: `chat:${sha256(`${tenant} ${id}`)}`,
  id: 'personal',
});

/** Conversation references in the state store. Personal chats are found by Entra object id, channels by conversation id. */
export function conversations(store: StateStore, clock: Clock): Conversations {
  const save = async (key: { pk: string; id: string }, kind: string, body: ConversationRef) => {
    const k = `${clock.now().toISOString()}|${key.pk}|${key.id}`;
    const stored = await store.get(key.pk, key.id);
    if (stored !== undefined && same(stored.item.body, body)) return;
    const item: StateItem = { ...key, kind, k, body };
    await store.put(item, 'any');
  };
  const read = async (key: { pk: string; id: string }) => {
    const stored = await store.get(key.pk, key.id);
    const ref = ConversationRef.safeParse(stored?.item.body);
    return ref.success ? ref.data : undefined;
  };
  return {
    async remember(activity) {
      const ref = refOf(activity);
      const { team, channel, settings } = activity.channelData ?? {};
      const kind = team ? 'chat-team' : 'chat-ref';
      const ids = [ref.conversation, channel?.id, settings?.selectedChannel?.id, team?.id];
      for (const conversation of new Set(ids.filter((id) => typeof id === 'string')))
        await save(channelKey(conversation), kind, { ...ref, conversation });
      const who = activity.from.aadObjectId;
      if (activity.conversation.conversationType === 'personal' && who && ref.tenant)
        await save(personKey({ id: who, tenant: ref.tenant }), 'chat-personal', ref);
    },
    save: (ref) => save(channelKey(ref.conversation), 'chat-ref', ref),
    find: (conversation) => read(channelKey(conversation)),
    personal: (person) => read(personKey(person)),
    savePersonal: (person, ref) => save(personKey(person), 'chat-personal', ref),
    async forgetPersonal(person) {
      const { pk, id } = personKey(person);
      await store.remove(pk, id);
    },
    async latestTeam() {
      const { items } = await store.list({ where: { kind: 'chat-team' }, limit: 1, order: 'desc' });
      const ref = ConversationRef.safeParse(items[0]?.item.body);
      return ref.success ? ref.data : undefined;
    },
    async firstWelcome(conversation) {
      const key = { pk: channelKey(conversation).pk, id: 'welcome' };
      const k = `${clock.now().toISOString()}|${key.pk}|${key.id}`;
      return (await store.put({ ...key, kind: 'chat-welcome', k, body: {} }, 'new')).ok;
    },
  };
}

export function refOf(activity: Incoming): ConversationRef {
  const { id, name } = activity.recipient;
  return {
    conversation: channelOf(activity.conversation.id),
    serviceUrl: activity.serviceUrl,
    tenant: tenantsOf(activity)[0] ?? '',
    bot: { id, name: name ?? '' },
  };
}

function same(stored: unknown, ref: ConversationRef): boolean {
  const before = ConversationRef.safeParse(stored);
  return before.success && JSON.stringify(before.data) === JSON.stringify(ConversationRef.parse(ref));
}
