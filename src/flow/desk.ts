import type { Command, Reply } from '../domain/commands.ts';
import type { Control } from '../domain/control.ts';
import type { Parameter } from '../domain/parameter.ts';
import type { ResolvedParameter } from '../domain/parameters.ts';
import type { Origin, Person } from '../domain/people.ts';
import type { LoadedRunbook } from '../domain/runbook.ts';
import type { RunView } from '../domain/view.ts';

type Summary = {
  readonly runId: string;
  readonly code: string;
  readonly incident: string;
  readonly ci: string;
  readonly runbook: string;
};

/** A line of `/runbook status`. */
export type RunSummary = Summary & {
  /** What it waits for or does, in words: "waits for approval by web-approvers". */
  readonly doing: string;
};

/** A broken glass that nobody has reviewed, in a run under way or ended. */
export type ReviewSummary = Summary & {
  /** Who decided alone, and why. */
  readonly by: string;
  readonly reason: string;
  /** Whose members may review it. */
  readonly group: string;
  /** ISO 8601, UTC. */
  readonly due: string;
  readonly overdue: boolean;
};

export type Proposed =
  | { readonly ok: true; readonly runId: string; readonly code: string; readonly view: RunView }
  | { readonly ok: false; readonly message: string; readonly nextAction: string };

/** What the parameter dialog needs: the schema, and what is known so far. */
export type ParameterForm = {
  readonly runId: string;
  readonly code: string;
  readonly loaded: LoadedRunbook;
  readonly parameters: readonly ResolvedParameter[];
  readonly view: RunView;
};

/** What a card of an approval may offer besides yes and no. Whether somebody may use it is decided at the click. */
export type Offers = {
  readonly parameters: Readonly<Record<string, Parameter>>;
  readonly breakGlass: boolean;
};

/** The one desk that every door of people (cards, text commands, dialogs) comes to. */
export interface Desk {
  runbooks(): readonly LoadedRunbook[];
  /** Asks for a runbook on an incident, named by number, as a person does with `/runbook run X for INC…`. */
  propose(runbook: string, incidentNumber: string, by: Person, origin: Origin): Promise<Proposed>;
  /** Lets what is left of a run that has ended be proposed as a run of its own. */
  continue(runId: string, by: Person, origin: Origin): Promise<Proposed>;
  /** Decides on a command. The only way anything changes. */
  submit(runId: string, command: Command): Promise<Reply>;
  /** The current view, undefined when there is no such run. */
  view(runId: string): Promise<RunView | undefined>;
  /** Open and recently ended runs whose short code this is. More than one is possible in theory: refuse then. */
  byCode(code: string): Promise<readonly string[]>;
  /** Runs that have not ended, newest first. */
  open(limit: number): Promise<readonly RunSummary[]>;
  /** Broken glasses that wait for a review, the one that is due first first. */
  reviews(limit: number): Promise<readonly ReviewSummary[]>;
  /** Runs whose outcome is unknown and of which nobody has said yet what happened, newest first. */
  unsettled(limit: number): Promise<readonly RunSummary[]>;
  form(runId: string): Promise<ParameterForm | undefined>;
  offers(view: RunView): Offers;
  /** What concerns every run: whether everything is stopped, and who votes for whom. */
  control(): Promise<Control>;
  /** Somebody of this organisation, by user principal name, email address or object id. Throws when there are several. */
  findPerson(named: string): Promise<Person | undefined>;
}
