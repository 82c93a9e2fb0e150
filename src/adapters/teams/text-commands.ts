import type { Desk } from '../../flow/desk.ts';
import { type Answer, posted, refused, runAnswer } from './answer.ts';
import type { Cards } from './cards.ts';
import type { Forms } from './forms.ts';
import { parseCommand, type TextCommand, usages } from './parse-command.ts';
import type { Action, Perform } from './perform.ts';
import type { Turn } from './turn.ts';

export type TextCommandOptions = {
  readonly desk: Pick<Desk, 'runbooks' | 'propose' | 'view' | 'byCode' | 'open'>;
  readonly cards: Cards;
  readonly forms: Forms;
  readonly perform: Perform;
};

const openRunsShown = 20;

/** Everything that can be clicked can be typed: cards do not work in every client. */
export function textCommands({ desk, cards, forms, perform }: TextCommandOptions) {
  const withRun = async (code: string, work: (run: string) => Promise<Answer>): Promise<Answer> => {
    const runs = await desk.byCode(code);
    const [run] = runs;
    if (run === undefined) return refused(`No run has the code ${code}. Write status to see the open ones.`);
    if (runs.length > 1)
      return refused(`${runs.length} runs have the code ${code}. Use the button on its card.`);
    return work(run);
  };
  const perform1 = (turn: Turn, code: string, action: (run: string) => Action) =>
    withRun(code, (run) => perform(turn, action(run)));
  return async (turn: Turn, text: string): Promise<Answer> => {
    const command = parseCommand(text);
    switch (command.name) {
      case 'help':
        return posted(cards.help(), 'What Handrail can do');
      case 'list':
        return posted(cards.runbooks(desk.runbooks()), 'Runbooks');
      case 'status':
        return posted(cards.status(await desk.open(openRunsShown)), 'Open runs');
      case 'run':
        return propose(desk, cards, turn, command);
      case 'show':
        return withRun(command.code, (run) => showRun(desk, cards, run));
      case 'approve':
        return perform1(turn, command.code, (run) => {
          const { revision } = command;
          return revision === undefined ? { verb: 'approve', run } : { verb: 'approve', run, revision };
        });
      case 'reject':
      case 'withdraw':
      case 'cancel':
        return perform1(turn, command.code, (run) => ({ verb: command.name, run, reason: command.reason }));
      case 'confirm':
        return withRun(command.code, (run) =>
          forms.open(turn, run, Object.keys(command.values).length > 0 ? command.values : undefined),
        );
      case 'form':
        return (await forms.typed(turn, command.answer, command.values)) ?? noForm(command.answer);
      case 'incomplete':
        return refused(`Write it like this: ${command.usage}`);
      case 'unknown':
        return unknown(command.suggestion);
    }
  };
}
export type TextCommands = ReturnType<typeof textCommands>;

async function propose(
  desk: Pick<Desk, 'propose'>,
  cards: Cards,
  { by, origin, activity }: Turn,
  { runbook, incident }: Extract<TextCommand, { name: 'run' }>,
): Promise<Answer> {
  const proposed = await desk.propose(runbook, incident, by, origin);
  if (!proposed.ok) return refused(`${proposed.message} ${proposed.nextAction}`.trim());
  const answer = runAnswer(
    cards,
    proposed.view,
    `Proposed as run ${proposed.code}. ${cards.summary(proposed.view)}`,
  );
  // In a channel the run's own card appears by itself; a second one would only be noise.
  return { ...answer, post: activity.conversation.conversationType === 'personal' };
}

async function showRun(desk: Pick<Desk, 'view'>, cards: Cards, run: string): Promise<Answer> {
  const view = await desk.view(run);
  if (view === undefined) return refused('There is no such run. Write status to see the open ones.');
  return posted(cards.run(view), cards.summary(view));
}

const noForm = (answer: 'set' | 'confirm' | 'cancel'): Answer =>
  refused(
    answer === 'cancel'
      ? `You have no form open here. To cancel a run, write: ${usages.cancel}`
      : `You have no form open here. To open one, write: ${usages.confirm}`,
  );

const unknown = (suggestion: string | undefined): Answer =>
  refused(
    suggestion === undefined
      ? 'I did not understand that. Write help to see what I can do.'
      : `I did not understand that. Did you mean: ${usages[suggestion as keyof typeof usages]}`,
  );
