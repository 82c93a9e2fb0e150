import { sha256 } from '../../domain/json.ts';
import { Person } from '../../domain/people.ts';
import type { Clock, StateStore } from '../../ports.ts';
import type { Incoming } from './activity.ts';

/** Whose form a message is. Courtesy, not protection: whether somebody may confirm is decided by the run. */
export interface FormOwners {
  set(conversation: string, message: string, owner: Person): Promise<void>;
  /** The owner of the form a click came from. */
  find(click: Incoming): Promise<Person | undefined>;
}

const keptSeconds = 7 * 86_400;

export function formOwners(store: StateStore, clock: Clock): FormOwners {
  const place = (conversation: string, message: string) => ({
    pk: `chat:${sha256(conversation)}`,
    id: `form-${sha256(message)}`,
  });
  return {
    async set(conversation, message, owner) {
      const key = place(conversation, message);
      const k = `${clock.now().toISOString()}|${key.pk}|${key.id}`;
      await store.put({ ...key, kind: 'chat-form', k, ttl: keptSeconds, body: { ...owner } }, 'any');
    },
    async find({ conversation, replyToId }) {
      if (!replyToId) return undefined;
      const { pk, id } = place(conversation.id, replyToId);
      const owner = Person.safeParse((await store.get(pk, id))?.item.body);
      return owner.success ? owner.data : undefined;
    },
  };
}
