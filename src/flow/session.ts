import type { Command, Reply } from '../domain/commands.ts';
import { decide } from '../domain/decide.ts';
import { AppError } from '../domain/errors.ts';
import type { NewEvent, RunEvent, Subject } from '../domain/events.ts';
import { wellFormed } from '../domain/json.ts';
import { apply, newRun, type Run } from '../domain/run.ts';
import type { Deps } from './deps.ts';
import { factsFor } from './facts.ts';
import { loadRun } from './load-run.ts';
import { markOpen } from './projection.ts';

/** A run in hand. Decisions made through one session are taken one after the other. */
export type Session = {
  readonly run: Run;
  /** Execution ids this very session claimed: their launch has certainly not left yet. */
  readonly claimed: Set<string>;
  decide(command: Command): Promise<Reply>;
  /** Reads what others have stored meanwhile. */
  refresh(): Promise<void>;
};

const MAX_RACES = 25;

export async function openSession(deps: Deps, runId: string): Promise<Session> {
  let run = await loadRun(deps, runId);
  const claimed = new Set<string>();
  let last: Promise<unknown> = Promise.resolve();
  return {
    get run() {
      return run;
    },
    claimed,
    decide: (command) =>
      inTurn(async () => {
        const settled = await decideAndStore(deps, run, command);
        run = settled.run;
        for (const id of settled.claimed) claimed.add(id);
        return settled.reply;
      }),
    refresh: () =>
      inTurn(async () => {
        run = await loadRun(deps, runId);
      }),
  };

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  }
}

/** What is stored after the end and has to be told: no crash may forget it, so the run is in the list first. */
const isNews = ({ type }: RunEvent): boolean =>
  !['reported', 'card-posted', 'command-refused'].includes(type);

const aboutOf = ({ proposal }: Run) => [proposal?.incident.number ?? '', proposal?.runbook.id ?? ''] as const;

type Settled = { readonly run: Run; readonly reply: Reply; readonly claimed: readonly string[] };

/** Decides on the run as it is and stores the events; when somebody was faster, decides again on what they left. */
async function decideAndStore(deps: Deps, known: Run, command: Command): Promise<Settled> {
  let run = known;
  const factsOf = factsFor(deps, command);
  for (let race = 0; race < MAX_RACES; race++) {
    const decided = decide(run, command, await factsOf(run));
    const reply: Reply = decided.ok
      ? { ok: true, changed: decided.events.length > 0 }
      : { ok: false, refusal: decided.refusal };
    if (decided.events.length === 0) return { run, reply, claimed: [] };
    if (run.closed !== undefined && decided.events.some(isNews))
      await markOpen(deps, run.runId, ...aboutOf(run));
    const stored = await deps.log.append(
      run.runId,
      run.entries.at(-1),
      envelop(deps, run, command, decided.events),
    );
    if (stored.ok) {
      const claimed = stored.entries.flatMap((e) => (e.type === 'step-started' ? [e.data.executionId] : []));
      return { run: stored.entries.reduce(apply, run), reply, claimed };
    }
    run = await loadRun(deps, run.runId);
  }
  throw new AppError({
    code: 'store-unavailable',
    message: `run ${run.runId} lost ${MAX_RACES} races in a row`,
    fix: 'Try again in a minute.',
    retryable: true,
  });
}

/** Adds who, where, when and about what to each event. */
function envelop(deps: Deps, run: Run, command: Command, events: readonly RunEvent[]): NewEvent[] {
  const at = deps.clock.now().toISOString();
  const subject = subjectOf(events.reduce<Run>(withProposal, run));
  const { by: actor, origin } = command;
  return events.map((event) => ({
    ...wellFormed(event),
    event: deps.ids.ulid(),
    at,
    actor,
    tenant: deps.tenant,
    origin,
    subject,
  }));
}

const withProposal = (run: Run, event: RunEvent): Run =>
  event.type === 'run-proposed' ? { ...newRun(run.runId), proposal: event.data } : run;

function subjectOf({ proposal }: Run): Subject {
  if (proposal === undefined) return { incident: '', ci: '', runbook: { id: '', version: '', hash: '' } };
  const { id, version, hash } = proposal.runbook;
  return { incident: proposal.incident.number, ci: proposal.ci.sysId, runbook: { id, version, hash } };
}
