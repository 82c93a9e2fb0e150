import { z } from 'zod';
import type { RunView, StepView } from '../src/domain/view.ts';
import { escapeMarkdown, literal, plain } from './text.ts';
import {
  calendar,
  environmentStyle,
  first,
  priorityOf,
  type Room,
  sourceInWords,
  stepStates,
  verdictOf,
  verdicts,
} from './wording.ts';

/** What the top of every card of a run says: what broke, what is done about it, on what. */
export const Headline = z.strictObject({
  summary: z.string(),
  state: z.string(),
  style: z.enum(['default', 'accent', 'good', 'warning', 'attention', 'emphasis']),
  incident: z.string(),
  title: z.string(),
  runbook: z.string(),
  ci: z.string(),
  /** The class of risk, '' without tiers. */
  risk: z.string(),
  environment: z.string(),
  environmentStyle: z.enum(['attention', 'warning', 'emphasis']),
  run: z.string(),
  revision: z.number(),
  code: z.string(),
  about: z.string(),
});
export type Headline = z.infer<typeof Headline>;

export const headline = (
  run: RunView,
  room: Room,
  said: Pick<Headline, 'summary' | 'state' | 'style'>,
): Headline => ({
  ...said,
  incident: plain(`${run.incident.number} · ${priorityOf(run.incident.priority)}`, 40),
  title: plain(run.incident.title, room.text),
  runbook: escapeMarkdown(run.runbook.title, 120),
  ci: literal(run.ci.name, 120),
  risk: run.approval?.tier ? ` · ${plain(`risk ${run.approval.tier}`, 60)}` : '',
  environment: escapeMarkdown(
    run.ci.environmentKnown ? run.ci.environment : `${run.ci.environment}?`,
    20,
  ).toUpperCase(),
  environmentStyle: environmentStyle(run.ci.environment),
  run: run.runId,
  revision: run.revision,
  code: plain(run.code, 12),
  about: plain(`Run ${run.code} · plan ${run.revision} · ${run.runbook.id} ${run.runbook.version}`, 160),
});

/** A line that starts with a coloured word. */
export const Line = z.strictObject({ word: z.string(), color: z.string(), text: z.string() });
export type Line = z.infer<typeof Line>;

/** Stands in a list that is empty. */
const none: Line = { word: 'None', color: 'Default', text: '' };

export type GuardrailLines = {
  /** What a person has to look at: Stop before Ask. */
  readonly loud: Line[];
  /** One line that names all that passed; none when nothing did. */
  readonly quiet: Line[];
  /** A line for each that passed. */
  readonly passed: Line[];
  /** When what says no now is expected to say yes. */
  readonly opens: string[];
};

export function guardrailLines(run: RunView, room: Room): GuardrailLines {
  const line = (said: RunView['guardrails'][number]): Line => ({
    ...verdictOf(said),
    text: plain(`${said.guardrail}: ${said.reason}`, room.text),
  });
  const of = (effect: keyof typeof verdicts) => run.guardrails.filter((one) => one.effect === effect);
  const { shown, more } = first([...of('deny'), ...of('require-approval')], room.lines);
  const rest = more === 0 ? [] : [{ ...verdicts['require-approval'], text: `and ${more} more` }];
  const allowed = of('allow');
  const names = plain(allowed.map((one) => one.guardrail).join(', '), room.text);
  const passed = first(allowed, room.lines).shown.map(line);
  return {
    loud: [...shown.map(line), ...rest],
    quiet: allowed.length === 0 ? [] : [{ ...verdicts.allow, text: names }],
    passed: passed.length === 0 ? [none] : passed,
    opens: first(of('deny'), room.lines).shown.flatMap(opening),
  };
}

/** The next opening of what is closed. Its moment is shown in the reader's zone, which takes a TextBlock. */
export function opening({ guardrail, until }: RunView['guardrails'][number]): string[] {
  const at = until === undefined ? '' : calendar(until);
  return at === '' ? [] : [`**Opens next (${escapeMarkdown(guardrail, 60)}):** ${at}`];
}

export const Step = z.strictObject({ ...Line.shape, detail: z.string() });
export type Step = z.infer<typeof Step>;

/**
 * The steps in their order, as many as fit around the one that matters now. Rollback steps that nothing has started
 * are left out: the line about rollback names them.
 */
export function stepLines(run: RunView, room: Room): Step[] {
  const steps = run.steps.filter((step) => step.phase !== 'rollback' || step.state !== 'waiting');
  const running = steps.findIndex((step) => step.state === 'running');
  const now = running < 0 ? steps.findIndex((step) => step.state !== 'succeeded') : running;
  const start = Math.max(0, Math.min(now - 2, steps.length - room.lines));
  const shown = steps.slice(start, start + room.lines).map((step) => stepLine(step, run.face, room));
  const hidden = steps.length - shown.length;
  return hidden === 0
    ? shown
    : [...shown, { word: '…', color: 'Default', text: `${hidden} more steps are not shown`, detail: '' }];
}

const stepLine = (step: StepView, face: RunView['face'], room: Room): Step => ({
  ...stepStates[step.state],
  ...(face === 'outcome' && step.state === 'waiting' ? { word: 'Not run' } : {}),
  text: plain(step.title, room.text),
  detail: plain(`${step.phase} · ${step.detail}`, room.text),
});

export const Value = z.strictObject({ title: z.string(), value: z.string(), source: z.string() });
export type Value = z.infer<typeof Value>;

/** Parameters with their exact values and where each came from. */
export function valueLines(
  parameters: readonly Pick<RunView['parameters'][number], 'title' | 'value' | 'source' | 'list'>[],
  room: Room,
): Value[] {
  const { shown, more } = first(parameters, room.lines);
  const lines = shown.map(({ title, value, source, list }) => ({
    title: plain(`${title}:`, 100),
    value: literal(value || (source === 'secret' ? 'secret' : 'none yet'), list ? room.names : room.text),
    source: plain(`(${sourceInWords(source)})`, 120),
  }));
  if (lines.length === 0) return [{ title: 'None', value: '', source: '' }];
  return more === 0 ? lines : [...lines, { title: `and ${more} more`, value: '', source: '' }];
}
