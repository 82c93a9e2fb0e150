import { nameOf } from '../domain/people.ts';
import { codeOf, type Run, requesterOf, stateOf } from '../domain/run.ts';
import { viewOf } from '../domain/run-view.ts';
import type { Deps } from './deps.ts';
import type { Desk, Proposed, RunSummary } from './desk.ts';
import { openRuns, runsByCode } from './projection.ts';
import { proposeRun } from './propose.ts';
import { loadRun } from './session.ts';

/** The desk behind cards, text commands and dialogs. It decides nothing: commands go to the run's one door. */
export function peopleDesk(deps: Deps): Desk {
  return {
    runbooks: () => [...deps.catalogue.runbooks.values()],
    submit: (runId, command) => deps.engine.submit(runId, command),
    view: async (runId) => viewOf(await loadRun(deps, runId)),
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
    async open(limit) {
      const open: RunSummary[] = [];
      // a run that has ended stays in the list until everybody has been told; it must not crowd out the others
      for (const id of (await openRuns(deps)).reverse()) {
        if (open.length === limit) break;
        const run = await loadRun(deps, id);
        if (run.proposal !== undefined && run.closed === undefined) open.push(summaryOf(run));
      }
      return open;
    },
    async form(runId) {
      const run = await loadRun(deps, runId);
      const view = viewOf(run);
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
  const view = viewOf(await loadRun(deps, runId));
  if (view === undefined)
    return { ok: false, message: 'The run could not be read.', nextAction: 'Look at /runbook status.' };
  return { ok: true, runId, code: codeOf(runId), view };
}

function summaryOf(run: Run): RunSummary {
  return {
    runId: run.runId,
    code: codeOf(run.runId),
    incident: run.proposal?.incident.number ?? '',
    ci: run.proposal?.ci.name ?? '',
    runbook: run.proposal?.runbook.title ?? '',
    doing: doing(run),
  };
}

/** What a run waits for or does, in words. */
function doing(run: Run): string {
  const requester = requesterOf(run);
  switch (stateOf(run)) {
    case 'new':
      return 'is being proposed';
    case 'awaiting-parameters':
      return 'waits for parameters';
    case 'awaiting-approval':
      return `waits for approval by ${run.approval?.group ?? ''}`;
    case 'approved':
      return run.waitsFor ? `waits for run ${codeOf(run.waitsFor)} on the same item` : 'is about to start';
    case 'diagnosing':
      return 'runs diagnostics';
    case 'remediating':
      return 'runs the remediation';
    case 'verifying':
      return 'verifies';
    case 'rolling-back':
      return 'rolls back';
    case 'closed':
      return `ended: ${run.closed?.outcome ?? ''}${requester ? `, asked for by ${nameOf(requester)}` : ''}`;
  }
}
