import { covers } from '../domain/decide-glass.ts';
import type { Person } from '../domain/people.ts';
import { awaitsReview, awaitsWord, codeOf, type Run } from '../domain/run.ts';
import { viewOf } from '../domain/run-view.ts';
import type { RunView } from '../domain/view.ts';
import { continueRun } from './continue.ts';
import { readControl } from './control.ts';
import type { Deps } from './deps.ts';
import type { Desk, Offers, Proposed } from './desk.ts';
import { loadRun } from './load-run.ts';
import { openRuns, runsByCode } from './projection.ts';
import { proposeRun } from './propose.ts';
import { reviewOf, summaryOf } from './summaries.ts';

/** The desk behind cards, text commands and dialogs. It decides nothing: commands go to the run's one door. */
export function peopleDesk(deps: Deps): Desk {
  return {
    runbooks: () => [...deps.catalogue.runbooks.values()],
    submit: (runId, command) => deps.engine.submit(runId, command),
    view: (runId) => viewNow(deps, runId),
    byCode: (code) => runsByCode(deps, code),
    async propose(runbook, number, by, origin) {
      if (!deps.catalogue.runbooks.has(runbook)) return unknownRunbook(deps, runbook);
      const incident = await deps.itsm.incident({ number });
      if (incident === undefined)
        return {
          ok: false,
          message: `ServiceNow has no incident ${number}.`,
          nextAction: 'Check the number.',
        };
      const reason = `asked for by ${by.name}`;
      const asked = await proposeRun(deps, { incident, runbook, by, origin, reason, again: true });
      if (asked.is === 'new' && !asked.reply.ok) return { ok: false, ...asked.reply.refusal };
      return proposed(deps, asked.runId);
    },
    async continue(runId, by, origin) {
      const continued = await continueRun(deps, runId, by, origin);
      return continued.ok ? proposed(deps, continued.runId) : { ok: false, ...continued.refusal };
    },
    // a run that has ended stays in the list until everybody has been told; it must not crowd out the others
    open: async (limit) => (await newest(deps, limit, isOpen)).map(summaryOf),
    async reviews(limit) {
      const waiting = await newest(deps, Number.POSITIVE_INFINITY, awaitsReview);
      const reviews = waiting.flatMap((run) => reviewOf(run, deps.clock.now()) ?? []);
      return reviews.sort((a, b) => Date.parse(a.due) - Date.parse(b.due)).slice(0, limit);
    },
    unsettled: async (limit) => (await newest(deps, limit, awaitsWord)).map(summaryOf),
    control: () => readControl(deps),
    findPerson: (named) => findPerson(deps, named),
    offers: (view) => offersFor(deps, view),
    async form(runId) {
      const [run, control] = await Promise.all([loadRun(deps, runId), readControl(deps)]);
      const view = viewOf(run, control);
      const loaded = deps.catalogue.runbooks.get(run.proposal?.runbook.id ?? '');
      if (view === undefined || loaded === undefined) return undefined;
      return { runId, code: codeOf(runId), loaded, parameters: run.parameters, view };
    },
  };
}

function unknownRunbook(deps: Deps, runbook: string): Proposed {
  const known = [...deps.catalogue.runbooks.keys()].join(', ');
  return { ok: false, message: `There is no runbook ${runbook}.`, nextAction: `Known runbooks: ${known}.` };
}

async function proposed(deps: Deps, runId: string): Promise<Proposed> {
  const view = await viewNow(deps, runId);
  if (view === undefined)
    return { ok: false, message: 'The run could not be read.', nextAction: 'Look at /runbook status.' };
  return { ok: true, runId, code: codeOf(runId), view };
}

async function viewNow(deps: Deps, runId: string): Promise<RunView | undefined> {
  const [run, control] = await Promise.all([loadRun(deps, runId), readControl(deps)]);
  return viewOf(run, control, deps.sights.get(runId)?.sight);
}

/** The newest runs of the list of open ones that fit. */
async function newest(deps: Deps, limit: number, fits: (run: Run) => boolean): Promise<Run[]> {
  const found: Run[] = [];
  for (const id of (await openRuns(deps)).reverse()) {
    if (found.length === limit) break;
    const run = await loadRun(deps, id);
    if (fits(run)) found.push(run);
  }
  return found;
}

const isOpen = ({ proposal, closed }: Run): boolean => proposal !== undefined && closed === undefined;

/** Ids are compared in lower case, those of the channel too. */
async function findPerson({ directory, tenant }: Deps, named: string): Promise<Person | undefined> {
  const found = await directory.person(named);
  return found && { kind: 'person', id: found.id.toLowerCase(), name: found.name, tenant };
}

/** What a button is worth showing for. Nothing is decided here. */
function offersFor({ catalogue }: Deps, { runbook, ci }: RunView): Offers {
  const { breakGlass } = catalogue.policy.policy;
  return {
    parameters: catalogue.runbooks.get(runbook.id)?.runbook.parameters ?? {},
    breakGlass: breakGlass !== undefined && covers(breakGlass, runbook.id, ci.environment),
  };
}
