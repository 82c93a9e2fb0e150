import { namedAs } from '../../../dialogs/confirm-parameters.ts';
import { nameOf } from '../../domain/people.ts';
import type { Desk, ParameterForm } from '../../flow/desk.ts';
import { type Answer, posted, refused, runAnswer } from './answer.ts';
import type { Cards, Standing } from './cards.ts';
import { controlWords } from './control-words.ts';
import type { Forms } from './forms.ts';
import { parseCommand, type TextCommand, usages, type Values } from './parse-command.ts';
import type { Action, Perform } from './perform.ts';
import type { Turn } from './turn.ts';

export type TextCommandOptions = {
  readonly desk: Desk;
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
  const control = controlWords(desk);
  return async (turn: Turn, text: string): Promise<Answer> => {
    const command = parseCommand(text);
    switch (command.name) {
      case 'help':
        return posted(cards.help(), 'What Handrail can do');
      case 'list':
        return posted(cards.runbooks(desk.runbooks()), 'Runbooks');
      case 'status':
        return posted(cards.status(await standingOf(desk)), 'Open runs');
      case 'run':
        return propose(desk, cards, turn, command);
      case 'show':
        return withRun(command.code, (run) => showRun(desk, cards, run));
      case 'why':
        return withRun(command.code, (run) => whyRun(desk, cards, run));
      case 'narrow':
        return withRun(command.code, async (run) => {
          const values = named(await desk.form(run), command.values);
          return perform(turn, { verb: 'narrow', run, values, ...planOf(command) });
        });
      case 'approve':
      case 'break-glass':
      case 'review':
      case 'settle':
      case 'continue':
      case 'mine':
      case 'not-mine':
      case 'reject':
      case 'withdraw':
      case 'cancel':
        return withRun(command.code, (run) => perform(turn, actionOf(command, run)));
      case 'stop':
      case 'resume':
      case 'delegate':
      case 'end-delegation':
        return control(turn, command);
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

type Asks =
  | 'approve'
  | 'break-glass'
  | 'review'
  | 'settle'
  | 'continue'
  | 'mine'
  | 'not-mine'
  | 'reject'
  | 'withdraw'
  | 'cancel';

/** The button that means the same as these words. */
function actionOf(command: Extract<TextCommand, { name: Asks }>, run: string): Action {
  switch (command.name) {
    case 'approve':
      return { verb: 'approve', run, ...planOf(command) };
    case 'break-glass':
      return { verb: 'break-glass', run, reason: command.reason, ...planOf(command) };
    case 'review':
      return { verb: 'review', run, verdict: command.verdict, note: command.note };
    case 'settle':
      return { verb: 'settle', run, word: command.word, reason: command.reason };
    case 'continue':
    case 'mine':
      return { verb: command.name, run };
    case 'not-mine':
    case 'reject':
    case 'withdraw':
    case 'cancel':
      return { verb: command.name, run, reason: command.reason };
  }
}

async function propose(
  desk: Pick<Desk, 'propose'>,
  cards: Cards,
  { by, origin, activity }: Turn,
  { runbook, incident }: Extract<TextCommand, { name: 'run' }>,
): Promise<Answer> {
  const proposed = await desk.propose(runbook, incident, by, origin);
  if (!proposed.ok) return refused(`${proposed.message} ${proposed.nextAction}`.trim());
  const answer = await runAnswer(
    cards,
    proposed.view,
    `Proposed as run ${proposed.code}. ${cards.summary(proposed.view)}`,
  );
  // In a channel the run's own card appears by itself; a second one would only be noise.
  return { ...answer, post: activity.conversation.conversationType === 'personal' };
}

const planOf = ({ revision }: { readonly revision?: number }) => (revision === undefined ? {} : { revision });

/** People do not mind the case of a name, a runbook does. */
const named = (form: ParameterForm | undefined, values: Values) =>
  form === undefined ? values : namedAs(form.loaded, values);

async function standingOf(desk: Pick<Desk, 'open' | 'reviews' | 'unsettled' | 'control'>): Promise<Standing> {
  const [runs, reviews, unsettled, { stopped }] = await Promise.all([
    desk.open(openRunsShown),
    desk.reviews(openRunsShown),
    desk.unsettled(openRunsShown),
    desk.control(),
  ]);
  return {
    runs,
    reviews,
    unsettled,
    ...(stopped ? { stopped: { ...stopped, by: nameOf(stopped.by) } } : {}),
  };
}

const noRun = () => refused('There is no such run. Write status to see the open ones.');

async function showRun(desk: Pick<Desk, 'view'>, cards: Cards, run: string): Promise<Answer> {
  const view = await desk.view(run);
  return view === undefined ? noRun() : posted(await cards.run(view), cards.summary(view));
}

async function whyRun(desk: Pick<Desk, 'view'>, cards: Cards, run: string): Promise<Answer> {
  const view = await desk.view(run);
  return view === undefined ? noRun() : posted(cards.why(view), `Guardrails of run ${view.code}`);
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
