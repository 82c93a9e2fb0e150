import { z } from 'zod';

/** Somebody the channel has authenticated. `id` is the Entra object id; the name is for display only. */
export const Person = z.strictObject({
  kind: z.literal('person'),
  id: z.string().min(1),
  name: z.string(),
  tenant: z.string().min(1),
});
export type Person = z.infer<typeof Person>;

/** A part of the system that acts by itself: a timer, the engine, a ServiceNow event. */
export const System = z.strictObject({
  kind: z.literal('system'),
  name: z.enum(['servicenow', 'timer', 'engine', 'policy', 'target']),
});
export type System = z.infer<typeof System>;

export const Actor = z.discriminatedUnion('kind', [Person, System]);
export type Actor = z.infer<typeof Actor>;

export const system = (name: System['name']): System => ({ kind: 'system', name });

/** The Teams message something came from. Every event carries it, so a run is found from a message and back. */
export const Origin = z.strictObject({
  conversation: z.string(),
  activity: z.string(),
});
export type Origin = z.infer<typeof Origin>;

/** How an actor is called on cards and in notes. */
export function nameOf(actor: Actor): string {
  if (actor.kind === 'person') return actor.name;
  return actor.name === 'servicenow' ? 'ServiceNow' : `Handrail (${actor.name})`;
}

/** The people with one more, each once; a part of the system is nobody. */
export const withPerson = (people: readonly Person[], actor: Actor): readonly Person[] =>
  actor.kind === 'person' && people.every(({ id }) => id !== actor.id) ? [...people, actor] : people;
