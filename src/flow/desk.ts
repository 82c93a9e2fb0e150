import type { Command, Reply } from '../domain/commands.ts';
import type { ResolvedParameter } from '../domain/parameters.ts';
import type { Origin, Person } from '../domain/people.ts';
import type { LoadedRunbook } from '../domain/runbook.ts';
import type { RunView } from '../domain/view.ts';

/** A line of `/runbook status`. */
export type RunSummary = {
  readonly runId: string;
  readonly code: string;
  readonly incident: string;
  readonly ci: string;
  readonly runbook: string;
  /** What it waits for or does, in words: "waits for approval by web-approvers". */
  readonly doing: string;
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

/** The one desk that every door of people (cards, text commands, dialogs) comes to. */
export interface Desk {
  runbooks(): readonly LoadedRunbook[];
  /** Asks for a runbook on an incident, named by number, as a person does with `/runbook run X for INC…`. */
  propose(runbook: string, incidentNumber: string, by: Person, origin: Origin): Promise<Proposed>;
  /** Decides on a command. The only way anything changes. */
  submit(runId: string, command: Command): Promise<Reply>;
  /** The current view, undefined when there is no such run. */
  view(runId: string): Promise<RunView | undefined>;
  /** Open and recently ended runs whose short code this is. More than one is possible in theory: refuse then. */
  byCode(code: string): Promise<readonly string[]>;
  /** Runs that have not ended, newest first. */
  open(limit: number): Promise<readonly RunSummary[]>;
  form(runId: string): Promise<ParameterForm | undefined>;
}
