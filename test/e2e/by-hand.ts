import type { Json } from '../../src/domain/json.ts';
import { incidentsChannel, playgroundWorld } from '../../src/sandbox/people.ts';
import type { PlaygroundClient } from '../../src/sandbox/playground/client.ts';
import type { PlaygroundPerson } from '../../src/sandbox/playground/world.ts';

/**
 * Sends an activity of somebody else in a thread of the channel, made by hand: the page can only be Olivia, and clicks
 * through the playground only reach messages it has posted itself since it was started.
 */
export const inThread = (
  client: PlaygroundClient,
  thread: string,
  { id, name, aadObjectId }: PlaygroundPerson,
  activity: { readonly [key: string]: Json },
): Promise<void> =>
  client.custom(incidentsChannel, {
    from: { id, name, aadObjectId },
    conversation: {
      id: thread,
      conversationType: 'channel',
      isGroup: true,
      tenantId: playgroundWorld.tenantId,
    },
    channelData: {
      tenant: { id: playgroundWorld.tenantId },
      team: { id: playgroundWorld.team.id },
      channel: { id: incidentsChannel },
    },
    ...activity,
  });

/** A click on the card's button. */
export const click = (
  card: string,
  verb: string,
  data: { readonly [key: string]: Json },
): { readonly [key: string]: Json } => ({
  type: 'invoke',
  name: 'adaptiveCard/action',
  replyToId: card,
  value: { action: { type: 'Action.Execute', verb, data } },
});
