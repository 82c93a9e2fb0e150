import type { TurnContext } from 'botbuilder';
import type { Origin, Person } from '../../domain/people.ts';
import type { Incoming } from './activity.ts';

/** One request of one authenticated person. */
export type Turn = {
  readonly context: TurnContext;
  readonly activity: Incoming;
  readonly by: Person;
  readonly origin: Origin;
  /** execute: a card's button, answered with a card. submit: its fallback, and text: both answered in the chat. */
  readonly door: 'execute' | 'submit' | 'text';
};
