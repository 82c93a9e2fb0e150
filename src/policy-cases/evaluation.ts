import { tierNow } from '../domain/ask.ts';
import { evaluateRun } from '../domain/decision.ts';
import type { EventData } from '../domain/events.ts';
import { type Actor, system } from '../domain/people.ts';
import { factsFor, type Scene } from './scene.ts';

type Evaluated = Pick<EventData<'guardrails-evaluated'>, 'effect' | 'lines'>;

/** What was recorded last; when nothing was recorded yet, what the guardrails say now. */
export function evaluationIn(scene: Scene): Evaluated {
  const recorded = scene.run.entries.findLast(({ type }) => type === 'guardrails-evaluated');
  if (recorded?.type === 'guardrails-evaluated') return recorded.data;
  const { facts, world } = nowIn(scene);
  return evaluateRun(scene.run, asker(scene), facts, world);
}

/** Whose request the guardrails judge while there is no run. */
const asker = ({ last }: Scene): Actor => last.by ?? system('servicenow');

function nowIn(scene: Scene) {
  const runbook = scene.stage.runbook.runbook.id;
  const origin = { conversation: '', activity: '' };
  const by = asker(scene);
  const facts = factsFor(scene, { name: 'propose', by, origin, incident: '', runbook, reason: '' });
  if (facts.world === undefined) throw new Error('a case has a world');
  return { facts, world: facts.world };
}

/** The tier of the plan that is asked for; without a plan the tier as it is judged now. */
export function tierIn(scene: Scene): string {
  if (scene.run.approval) return scene.run.approval.tier;
  const { facts, world } = nowIn(scene);
  return tierNow(facts, world);
}
