import type { Activity, TurnContext } from 'botbuilder';
import type { Card } from '../../../cards/card.ts';
import { isGone } from './connector-error.ts';
import { cardMessage } from './messages.ts';

/** Redraws a message of ours in this conversation, or posts it when there is none (any more). Answers its id. */
export async function redraw(
  context: TurnContext,
  message: string | undefined,
  card: Card,
  summary: string,
): Promise<string> {
  const activity: Partial<Activity> = cardMessage(card, summary);
  if (message !== undefined) {
    try {
      await context.updateActivity({ ...activity, id: message });
      return message;
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }
  return (await context.sendActivity(activity))?.id ?? '';
}
