import type { ApprovalView, RunView } from '../../src/domain/view.ts';

/** A view with the same text in every place a ticket, a target or a person can write to. */
export const said = (view: RunView, text: string, times = 1): RunView => ({
  ...view,
  incident: { number: view.incident.number, title: text, priority: text },
  ci: { ...view.ci, name: text },
  runbook: { ...view.runbook, title: text, summary: text },
  requester: text,
  reason: text,
  guardrails:
    times === 1 ? view.guardrails.map((one) => ({ ...one, reason: text })) : many(times, view, text),
  parameters: Array.from({ length: times }, () =>
    view.parameters.map((one) => ({ ...one, title: text, value: text })),
  ).flat(),
  steps: Array.from({ length: times }, () =>
    view.steps.map((one) => ({ ...one, title: text, detail: text, tail: `${text}\n`.repeat(20) })),
  ).flat(),
  rollback: text,
  changes: view.changes.flatMap(() => Array.from({ length: times }, () => text)),
  waiting: view.waiting === '' ? '' : text,
  ...(view.approval ? { approval: saidOf(view.approval, text, times) } : {}),
  ...(view.progress
    ? {
        progress: {
          ...view.progress,
          lines: `${text}\n`.repeat(20),
          ...(view.progress.link ? { link: { ...view.progress.link, target: text } } : {}),
        },
      }
    : {}),
  ...(view.halted ? { halted: { by: text, reason: text } } : {}),
  ...(view.suggestion
    ? { suggestion: { ...view.suggestion, model: text, reason: text, quotes: [text, text], runbook: text } }
    : {}),
  ...(view.outcome ? { outcome: { ...view.outcome, reason: text, nextAction: text } } : {}),
});
const saidOf = (approval: ApprovalView, text: string, times: number): ApprovalView => {
  const people = Array.from({ length: times }, () => text);
  const { glass, escalated, escalateTo } = approval;
  return {
    ...approval,
    group: text,
    approvers: people,
    requirements: Array.from({ length: times }, () =>
      approval.requirements.map((one) => ({ ...one, group: text, by: people })),
    ).flat(),
    tier: text,
    ...(escalated === undefined ? {} : { escalated: text }),
    ...(escalateTo === undefined ? {} : { escalateTo: text }),
    ...(glass === undefined
      ? {}
      : { glass: { ...glass, by: text, reason: text, overridden: people, reviewGroup: text } }),
  };
};
const many = (times: number, { guardrails }: RunView, reason: string) =>
  Array.from({ length: times }, () =>
    guardrails.map((one) => ({ ...one, guardrail: reason, reason })),
  ).flat();
