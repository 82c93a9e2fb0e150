import { stringify } from 'yaml';

/** Somebody in the playground. Ids have the shape Teams gives them: `29:...`. */
export type PlaygroundPerson = {
  readonly id: string;
  readonly name: string;
  /** The Entra object id: who this is for approvals and the record. */
  readonly aadObjectId: string;
  readonly email: string;
};

/** Whom and what the playground shows: one team with the channel General and one more, a group chat, six people. */
export type PlaygroundWorld = {
  readonly tenantId: string;
  readonly bot: { readonly id: string; readonly name: string };
  /** The person the page acts as. */
  readonly currentUser: PlaygroundPerson;
  /** Everybody else: the playground wants exactly five. */
  readonly users: readonly [
    PlaygroundPerson,
    PlaygroundPerson,
    PlaygroundPerson,
    PlaygroundPerson,
    PlaygroundPerson,
  ];
  readonly personalChat: { readonly id: string };
  readonly groupChat: { readonly id: string; readonly name: string };
  readonly team: {
    readonly id: string;
    readonly name: string;
    readonly aadGroupId: string;
    /** The channel beside General, which the playground adds itself; a second one it refuses. */
    readonly channel: { readonly id: string; readonly name: string };
  };
};

function personEntry({ id, name, aadObjectId, email }: PlaygroundPerson) {
  const [givenName = name, ...rest] = name.split(' ');
  const surname = rest.length > 0 ? rest.join(' ') : givenName;
  // "Principle" is how the playground spells it.
  return { id, name, userPrincipleName: email, aadObjectId, givenName, surname, email };
}

/** The text of `.m365agentsplayground.yml` (file format 0.1.1, as playground 0.2.28 reads it). */
export function playgroundFile(world: PlaygroundWorld): string {
  const { channel, ...team } = world.team;
  return stringify({
    version: '0.1.1',
    tenantId: world.tenantId,
    bot: world.bot,
    currentUser: personEntry(world.currentUser),
    users: world.users.map(personEntry),
    personalChat: world.personalChat,
    groupChat: world.groupChat,
    team: { ...team, channels: [channel] },
  });
}
