import type { TurnContext } from 'botbuilder';
import type { DialogContext, DialogTurnResult } from 'botbuilder-dialogs';
import { Dialog } from 'botbuilder-dialogs/lib/dialog.js';
import type { Refusal, Reply } from '../src/domain/commands.ts';
import { isAsked, parseParameter } from '../src/domain/parameter-value.ts';
import type { FieldError } from '../src/domain/parameters.ts';
import type { Origin, Person } from '../src/domain/people.ts';
import type { LoadedRunbook, Scalar } from '../src/domain/runbook.ts';

export const confirmParameters = 'confirm-parameters';

export type Entered = Readonly<Record<string, Scalar>>;

/** What a person answers: some values, all of them for good, or that they stop. */
export type FormInput = {
  readonly does: 'set' | 'confirm' | 'cancel';
  readonly values: Entered;
  readonly by: Person;
  readonly origin: Origin;
};

/** What there is to show after a step. `errors` has one line a wrong field. */
export type FormStep<Form> =
  | {
      readonly shows: 'form';
      readonly form: Form;
      readonly entered: Entered;
      readonly errors: readonly FieldError[];
    }
  | {
      readonly shows: 'end';
      readonly runId: string;
      readonly how: 'confirmed' | 'cancelled' | 'over';
      readonly refusal?: Refusal;
    };

export type ConfirmParametersOptions<Form> = {
  /** The run as it is now; undefined when nothing is to be confirmed any more. */
  form(runId: string): Promise<Form | undefined>;
  /** Hands the values to the run. The only call that changes anything. */
  confirm(runId: string, values: Entered, by: Person, origin: Origin): Promise<Reply>;
  /** Shows a step; answers the id of the message that carries the form, if there is one. */
  show(context: TurnContext, step: FormStep<Form>, message: string | undefined): Promise<string | undefined>;
};

/** What is kept between two turns: which run, what was typed, and where the form is. Never the run itself. */
type FormState = { runId: string; entered: Entered; message: string | undefined };
export type BeginForm = { readonly runId: string; readonly input?: FormInput };

const inputKey = Symbol('form input');

/** Gives the next step of the dialog its input. */
export const provideInput = (context: TurnContext, input: FormInput): unknown =>
  context.turnState.set(inputKey, input);

/** The run whose form this person has open here. */
export function openForm(dialogs: DialogContext): string | undefined {
  const state: Partial<FormState> | undefined = dialogs.activeDialog?.state;
  return state?.runId;
}

/**
 * Collects the parameters of one run from one person. A shell: the run is read anew at every step and judges the values
 * itself, so a dialog left behind, or restored by another process, does no harm.
 */
export class ConfirmParametersDialog<Form extends { readonly loaded: LoadedRunbook }> extends Dialog {
  readonly #options: ConfirmParametersOptions<Form>;

  constructor(options: ConfirmParametersOptions<Form>) {
    super(confirmParameters);
    this.#options = options;
  }

  override async beginDialog(dialogs: DialogContext, begin?: BeginForm): Promise<DialogTurnResult> {
    if (begin === undefined) throw new TypeError('the parameter dialog begins with a run');
    const state: FormState = { runId: begin.runId, entered: {}, message: undefined };
    return this.#step(dialogs, state, begin.input);
  }

  override async continueDialog(dialogs: DialogContext): Promise<DialogTurnResult> {
    const state: FormState = { ...dialogs.activeDialog?.state };
    const input: FormInput | undefined = dialogs.context.turnState.get(inputKey);
    return this.#step(dialogs, state, input);
  }

  async #step(
    dialogs: DialogContext,
    state: FormState,
    input: FormInput | undefined,
  ): Promise<DialogTurnResult> {
    const { runId } = state;
    const form = await this.#options.form(runId);
    if (form === undefined) return this.#end(dialogs, state, { shows: 'end', runId, how: 'over' });
    if (input?.does === 'cancel') return this.#end(dialogs, state, { shows: 'end', runId, how: 'cancelled' });
    const entered = { ...state.entered, ...namedAs(form.loaded, input?.values ?? {}) };
    const next = { ...state, entered };
    if (input?.does !== 'confirm') return this.#wait(dialogs, next, form, wrong(form.loaded, entered));
    const reply = await this.#options.confirm(runId, entered, input.by, input.origin);
    if (reply.ok) return this.#end(dialogs, next, { shows: 'end', runId, how: 'confirmed' });
    const { refusal } = reply;
    if (refusal.code === 'parameters-invalid') return this.#wait(dialogs, next, form, refusal.fields);
    return this.#end(dialogs, next, { shows: 'end', runId, how: 'over', refusal });
  }

  async #wait(
    dialogs: DialogContext,
    state: FormState,
    form: Form,
    errors: readonly FieldError[],
  ): Promise<DialogTurnResult> {
    const step = { shows: 'form' as const, form, entered: state.entered, errors };
    const message = await this.#options.show(dialogs.context, step, state.message);
    if (dialogs.activeDialog !== undefined) dialogs.activeDialog.state = { ...state, message };
    return Dialog.EndOfTurn;
  }

  async #end(dialogs: DialogContext, state: FormState, step: FormStep<Form>): Promise<DialogTurnResult> {
    await this.#options.show(dialogs.context, step, state.message);
    return dialogs.endDialog();
  }
}

/** People do not mind the case of a name, a runbook does. Names it does not know are left for the run to refuse. */
export function namedAs({ runbook }: LoadedRunbook, values: Entered): Entered {
  const names = Object.keys(runbook.parameters);
  const known = (typed: string) =>
    names.find((name) => name === typed) ?? names.find((name) => name.toLowerCase() === typed.toLowerCase());
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [known(name) ?? name, value]));
}

/** What is wrong with the values typed so far, before anything is handed in. */
function wrong({ runbook }: LoadedRunbook, entered: Entered): FieldError[] {
  return Object.entries(entered).flatMap(([field, value]) => {
    const parameter = Object.hasOwn(runbook.parameters, field) ? runbook.parameters[field] : undefined;
    if (!isAsked(parameter)) return [{ field, message: 'not a parameter a person can set' }];
    const parsed = parseParameter(parameter, value);
    return parsed.ok ? [] : [{ field, message: parsed.message }];
  });
}
