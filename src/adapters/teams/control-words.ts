import type { Command, Reply } from '../../domain/commands.ts';
import { CONTROL } from '../../domain/control.ts';
import { nameOf } from '../../domain/people.ts';
import type { Desk } from '../../flow/desk.ts';
import { type Answer, refusalText, refused, said } from './answer.ts';
import type { ControlCommand } from './parse-command.ts';
import type { Turn } from './turn.ts';

type Said = Pick<Desk, 'submit' | 'control' | 'findPerson'>;
type Delegate = Extract<ControlCommand, { name: 'delegate' }>;

/** Words about every run: stop, resume, delegate. They go to the control stream, and are answered where they were said. */
export function controlWords(desk: Said) {
  const ask = async (command: Command, done: (reply: Accepted) => Promise<string>): Promise<Answer> => {
    const reply = await desk.submit(CONTROL, command);
    return reply.ok ? said(await done(reply)) : refused(refusalText(reply.refusal));
  };
  return (turn: Turn, command: ControlCommand): Promise<Answer> => {
    const { by, origin } = turn;
    switch (command.name) {
      case 'stop':
        return ask({ name: 'stop', by, origin, reason: command.reason }, (reply) => stopped(desk, reply));
      case 'resume':
        return ask({ name: 'resume', by, origin, reason: command.reason }, async () => resumed);
      case 'delegate':
        return delegate(desk, turn, command, ask);
      case 'end-delegation':
        return ask({ name: 'end-delegation', by, origin }, async ({ changed }) =>
          changed ? 'Nobody votes for you any more.' : 'Nobody voted for you; nothing was changed.',
        );
    }
  };
}

type Accepted = Extract<Reply, { ok: true }>;

const resumed =
  'Resumed. Runs that waited start as soon as their guardrails allow it: each is asked again, none is skipped.';

async function stopped(desk: Said, { changed }: Accepted): Promise<string> {
  if (changed)
    return 'Everything is stopped: nothing that has not started will start. Steps under way are not interrupted; write cancel and the code of a run for that. To go on, write: resume.';
  const { stopped: known } = await desk.control();
  const who = known === undefined ? '' : ` by ${nameOf(known.by)}: ${known.reason}`;
  return `Everything was stopped already${who}.`;
}

async function delegate(
  desk: Said,
  { by, origin }: Turn,
  { to: named, until, reason }: Delegate,
  ask: (command: Command, done: (reply: Accepted) => Promise<string>) => Promise<Answer>,
): Promise<Answer> {
  const to = await desk.findPerson(named);
  if (to === undefined)
    return refused(`The directory knows nobody called ${named}. Write their user principal name.`);
  return ask(
    { name: 'delegate', by, origin, to, until, reason },
    async () =>
      `${to.name} may vote for you until ${until}, where you could vote yourself. To end it, write: delegate end.`,
  );
}
