import { ownerIn, ownerOf } from '../domain/ownership.ts';
import { system } from '../domain/people.ts';
import type { Run } from '../domain/run.ts';
import { viewOf } from '../domain/run-view.ts';
import type { Deps } from './deps.ts';
import type { Session } from './session.ts';

/** Asks the owner of the item in their own chat. A sentence says why it could not be done; the channel is told then. */
export async function askOwner(deps: Deps, session: Session, id: string): Promise<string> {
  const { run } = session;
  const owner = ownerOf(run.parameters, deps.tenant);
  const view = viewOf(run);
  // answered, ended, or somebody else's by now: there is nothing to ask any more
  if (owner?.id !== id || ownerIn(run.parameters)?.confirm !== true) return '';
  if (run.closed !== undefined || view === undefined) return '';
  const ref = await deps.chat.askOwner(owner, view);
  if (ref === undefined) return `not delivered: ${owner.name} has no chat with the bot`;
  await session.decide({ name: 'owner-asked', owner, ...ref, by: system('engine'), origin: ref });
  return '';
}

/** Nobody should be left with buttons that do nothing. */
export async function redrawOwner(deps: Deps, run: Run): Promise<string> {
  const view = viewOf(run);
  if (view === undefined) return '';
  for (const { conversation, activity } of run.ownership?.cards ?? [])
    await deps.chat.updateOwner({ conversation, activity }, view);
  return '';
}
