import { PrivateConversationState, type Storage, type TurnContext } from 'botbuilder';
import type { DialogContext, DialogState } from 'botbuilder-dialogs';
// not the whole package: its prompts load recognizers for a dozen languages, a seventh of the memory of the process
import { DialogSet } from 'botbuilder-dialogs/lib/dialogSet.js';
import {
  type BeginForm,
  ConfirmParametersDialog,
  confirmParameters,
  type Entered,
  type FormInput,
  type FormStep,
  openForm,
  provideInput,
} from '../../../dialogs/confirm-parameters.ts';
import type { Desk, ParameterForm } from '../../flow/desk.ts';
import { type Answer, refusalAnswer, refused, said } from './answer.ts';
import type { Cards } from './cards.ts';
import type { FormOwners } from './form-owners.ts';
import { redraw } from './redraw.ts';
import type { Turn } from './turn.ts';

export interface Forms {
  /** Opens the form of a run for this person; with values, hands them in at once. */
  open(turn: Turn, runId: string, values?: Entered): Promise<Answer>;
  /** A click on a form: `confirm` hands in, `cancel` closes. */
  click(turn: Turn, runId: string, does: 'confirm' | 'cancel', values: Entered): Promise<Answer>;
  /** Words for the form this person has open here; undefined when there is none. */
  typed(turn: Turn, does: FormInput['does'], values: Entered): Promise<Answer | undefined>;
}

export type FormsOptions = {
  readonly desk: Pick<Desk, 'form' | 'submit' | 'view'>;
  readonly cards: Cards;
  readonly storage: Storage;
  readonly owners: FormOwners;
};

type Collected = { readonly turn: Turn; answer: Answer };
const collected = Symbol('answer of the dialog');

/** The parameter dialog, one for each person in each conversation. */
export function forms(options: FormsOptions): Forms {
  const { desk, owners } = options;
  const state = new PrivateConversationState(options.storage);
  const property = state.createProperty<DialogState>('dialogs');
  const dialogs = new DialogSet(property).add(
    new ConfirmParametersDialog<ParameterForm>({
      form: async (runId) => {
        const form = await desk.form(runId);
        return form?.view.face === 'proposal' ? form : undefined;
      },
      confirm: (runId, values, by, origin) =>
        desk.submit(runId, { name: 'confirm-parameters', by, origin, values: { ...values } }),
      show: (context, step, message) => show(options, context, step, message),
    }),
  );
  const run = async (turn: Turn, work: (dialogs: DialogContext) => Promise<unknown>): Promise<Answer> => {
    const box: Collected = { turn, answer: said('') };
    turn.context.turnState.set(collected, box);
    await work(await dialogs.createContext(turn.context));
    await state.saveChanges(turn.context);
    return box.answer;
  };
  const begin = (turn: Turn, start: BeginForm) =>
    run(turn, async (dc) => {
      await dc.cancelAllDialogs();
      await dc.beginDialog(confirmParameters, start);
    });
  const inputOf = ({ by, origin }: Turn, does: FormInput['does'], values: Entered): FormInput => ({
    does,
    values,
    by,
    origin,
  });
  return {
    open: (turn, runId, values) =>
      begin(turn, values === undefined ? { runId } : { runId, input: inputOf(turn, 'confirm', values) }),
    async click(turn, runId, does, values) {
      const owner = await owners.find(turn.activity);
      const open = openForm(await dialogs.createContext(turn.context));
      const mine = owner === undefined ? open === runId : owner.id === turn.by.id;
      if (!mine) return notYours(owner?.name);
      const input = inputOf(turn, does, values);
      if (open !== runId) return begin(turn, { runId, input });
      provideInput(turn.context, input);
      return run(turn, (dc) => dc.continueDialog());
    },
    async typed(turn, does, values) {
      if (openForm(await dialogs.createContext(turn.context)) === undefined) return undefined;
      provideInput(turn.context, inputOf(turn, does, values));
      return run(turn, (dc) => dc.continueDialog());
    },
  };
}

const notYours = (owner: string | undefined): Answer =>
  refused(
    owner === undefined
      ? 'This form is not open any more. Open your own from the card of the run.'
      : `This form was opened by ${owner}. Open your own from the card of the run.`,
  );

async function show(
  { cards, desk, owners }: FormsOptions,
  context: TurnContext,
  step: FormStep<ParameterForm>,
  message: string | undefined,
): Promise<string | undefined> {
  const box: Collected = context.turnState.get(collected);
  const { door, activity, by } = box.turn;
  if (step.shows === 'end') {
    const answer = await ending(cards, step, await desk.view(step.runId));
    box.answer = answer;
    // Nobody should be left with a form that leads nowhere, nor with a second card of the run that is never redrawn.
    if (message !== undefined && answer.card !== undefined)
      await redraw(context, message, answer.card, answer.text);
    return undefined;
  }
  const card = cards.form(step.form, step.entered, step.errors);
  const summary = `Parameters of run ${step.form.code}`;
  const clicked = door === 'execute' && Object.keys(step.entered).length > 0;
  box.answer = formAnswer(box.turn, step, clicked ? { card, summary } : {});
  if (clicked && activity.replyToId) return message ?? activity.replyToId;
  const id = await redraw(context, message, card, summary);
  await owners.set(activity.conversation.id, id, by);
  return id;
}

function formAnswer(
  { door }: Turn,
  { errors, entered, form }: Extract<FormStep<ParameterForm>, { shows: 'form' }>,
  shown: Partial<Answer>,
): Answer {
  const wrong = errors.map(({ field, message }) => `${field}: ${message}.`);
  if (wrong.length > 0) return { ...refused(['Some values do not fit.', ...wrong].join(' ')), ...shown };
  if (Object.keys(entered).length > 0)
    return { ...said('Noted. Write confirm to hand the values in, or cancel.'), ...shown };
  return said(door === 'execute' ? `The form of run ${form.code} is open in this conversation.` : '');
}

async function ending(
  cards: Cards,
  step: Extract<FormStep<ParameterForm>, { shows: 'end' }>,
  view: Parameters<Cards['run']>[0] | undefined,
): Promise<Answer> {
  if (step.refusal !== undefined) return refusalAnswer(cards, step.refusal, view);
  if (view === undefined) return refused('There is no such run. Write status to see the open ones.');
  const title = {
    confirmed: 'Confirmed',
    cancelled: 'Closed, nothing was changed',
    over: 'Nothing to confirm',
  }[step.how];
  const summary = cards.summary(view);
  const card = cards.notice(title, `${summary}. Go on with the card of run ${view.code}.`);
  return {
    ok: step.how !== 'over',
    text: `${title}. ${step.how === 'cancelled' ? '' : summary}`.trim(),
    card,
    summary: title,
  };
}
