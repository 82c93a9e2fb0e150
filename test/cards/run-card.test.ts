import assert from 'node:assert/strict';
import fc from 'fast-check';
import { maxCardBytes } from '../../cards/card.ts';
import { errorCard, refusalCard } from '../../cards/error.ts';
import { helpCard } from '../../cards/help.ts';
import { parametersCard } from '../../cards/parameters.ts';
import { runCard, summaryOf } from '../../cards/run-card.ts';
import { runbooksCard } from '../../cards/runbooks.ts';
import { type Standing, statusCard } from '../../cards/status.ts';
import { welcomeCard } from '../../cards/welcome.ts';
import { whyCard } from '../../cards/why.ts';
import type { ApprovalView, RunView } from '../../src/domain/view.ts';
import { hostile } from './hostile.ts';
import { commands, form, library, offers, openRuns } from './inputs.ts';
import { views } from './views.ts';

const bytes = (card: object) => Buffer.byteLength(JSON.stringify(card));
const textOf = (card: object) => JSON.stringify(card).replaceAll('\u2060', '');

/** A view with the same text in every place a ticket, a target or a person can write to. */
const said = (view: RunView, text: string, times = 1): RunView => ({
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

const standing = (text: string): Standing => {
  const run = { code: text, incident: text, ci: text, runbook: text, doing: text };
  const review = { ...run, by: text, reason: text, group: text, due: '2026-11-22T02:45:00Z', overdue: true };
  return {
    runs: Array.from({ length: 50 }, () => run),
    reviews: Array.from({ length: 50 }, () => review),
    stopped: { by: text, reason: text, at: '2026-11-22T02:45:00Z' },
  };
};

/** Every string of a card with the element it stands in. */
function strings(node: unknown, type = ''): { type: string; text: string }[] {
  if (typeof node === 'string') return [{ type, text: node }];
  if (typeof node !== 'object' || node === null) return [];
  const own = 'type' in node && typeof node.type === 'string' ? node.type : type;
  return Object.values(node).flatMap((value) => strings(value, own));
}

/** The moments we leave to the client to show in the reader's zone. */
const ours = /\{\{(TIME\([-0-9TZ:]+\)|DATE\([-0-9TZ:]+, SHORT\))\}\}/gu;

describe('the card of a run', () => {
  for (const [name, view] of Object.entries(views)) {
    it(`fits and stays inert whatever the ticket says (${name})`, () => {
      for (const text of hostile) {
        const card = runCard(said(view, text), offers);
        assert.ok(bytes(card) <= maxCardBytes);
        for (const one of strings(card)) {
          if (one.text.startsWith('http://adaptivecards.io/')) continue;
          assert.doesNotMatch(one.text.replaceAll(ours, ''), /\]\(|<at>|:\/\/|\$\{|\{\{/u);
        }
      }
    });

    it(`fits when everything is long and there is much of it (${name})`, () => {
      for (const text of ['@'.repeat(2_000), '😀'.repeat(2_000), '\\"'.repeat(2_000)])
        assert.ok(bytes(runCard(said(view, text, 60), offers)) <= maxCardBytes);
    });
  }

  it('shows what forbids it before what asks, and what asks before what passes', () => {
    const text = textOf(runCard(views['approval-changed']));
    assert.ok(text.indexOf('"Stop"') < text.indexOf('"Ask"'));
    assert.ok(text.indexOf('"Ask"') < text.indexOf('"OK"'));
  });

  it('says environment, approvers, deadline and the words to type without opening anything', () => {
    const [face = ''] = textOf(runCard(views.approval)).split('"id":"details"');
    const waits = 'Waits for 1 more of web-approvers. Not Olivia Oncall, who asked.';
    for (const words of ['PRODUCTION', 'WEB-PROD-01', '"web-approvers"', '"0 of 1"', waits])
      assert.ok(face.includes(words), words);
    assert.ok(face.includes('Sun 22 Nov, 02:45 UTC ({{TIME(2026-11-22T02:45:00Z)}} your time)'));
    assert.ok(textOf(runCard(views.approval)).includes('approve 7K2QD'));
  });

  it('counts the quorum for each group, and says whom it waits for', () => {
    const text = textOf(runCard(views['approval-quorum']));
    for (const words of [
      '"1 of 2: Arne Approver"',
      '"0 of 2 (only 2 can vote)"',
      'Waits for 1 more of web-approvers and 2 more of service-owners.',
      ' · risk high',
      '**Next reminder:** Sun 22 Nov, 02:25 UTC ({{TIME(2026-11-22T02:25:00Z)}} your time)',
      '**Then asks duty-managers as well:** Sun 22 Nov, 02:30 UTC',
    ])
      assert.ok(text.includes(words), words);
    assert.ok(textOf(runCard(views['approval-alone'])).includes('Waits for a second person'));
  });

  it('says when an approved run would start, and when what is closed opens, where the reader is', () => {
    const moment =
      'Sun 22 Nov, 22:00 UTC ({{DATE(2026-11-22T22:00:00Z, SHORT)}} {{TIME(2026-11-22T22:00:00Z)}} your time)';
    const text = textOf(runCard(views['approval-scheduled']));
    assert.ok(text.includes(`**Approving starts it at** ${moment}`));
    assert.ok(text.includes(`**Opens next (change window):** ${moment}`));
    assert.ok(text.includes('duty-managers is asked as well'));
    assert.ok(textOf(runCard(views.approval)).includes('**Approving starts it** at once'));
    assert.ok(textOf(runCard(views['progress-scheduled'])).includes(`**Starts at** ${moment}`));
    const begun = { ...views['progress-scheduled'], steps: views.progress.steps };
    assert.ok(!textOf(runCard(begun)).includes('**Starts at**'));
  });

  it('shows no moment where a text only looks like one', () => {
    const until = 'soon {{TIME(2026-11-22T22:00:00Z)}}';
    const guardrails = [{ guardrail: 'change window', effect: 'deny' as const, reason: 'closed', until }];
    const text = textOf(runCard({ ...views.approval, guardrails }));
    assert.ok(!text.includes('Opens next'));
  });

  it('says on every open card that everything is stopped', () => {
    const halted = { by: 'Ada Admin', reason: 'the storage network is being repaired' };
    for (const name of ['proposal', 'approval', 'rollback', 'progress'] as const) {
      const text = textOf(runCard({ ...views[name], halted }));
      assert.ok(text.includes('Everything is stopped by Ada Admin'), name);
      assert.ok(text.includes('the storage network is being repaired'), name);
      assert.ok(!textOf(runCard(views[name])).includes('Everything is stopped'), name);
    }
  });

  it('shows a broken glass loudly: who, why, past what, and how far its review is', () => {
    const shown = (review: 'open' | 'overdue' | 'justified' | 'not justified') => {
      const { approval } = views['outcome-glass'];
      assert.ok(approval.glass);
      return textOf(
        runCard({
          ...views['outcome-glass'],
          approval: { ...approval, glass: { ...approval.glass, review } },
        }),
      );
    };
    const open = shown('open');
    for (const words of [
      'Break-glass: Ingrid Incident decided alone',
      'Why: payments are down in two countries',
      'Went past: change window, cooldown.',
      'type: review 7K2QD justified (or unjustified)',
      '**Review due:** Mon 23 Nov, 02:16 UTC',
      'Approved by Ingrid Incident alone',
    ])
      assert.ok(open.includes(words), words);
    assert.ok(shown('overdue').includes('is overdue'));
    assert.ok(shown('justified').includes('"Reviewed: justified."'));
    assert.ok(shown('not justified').includes('"Reviewed: not justified."'));
    assert.ok(!shown('justified').includes('Review due'));
  });

  it('asks for a rollback with what failed, what would be done, and who decides', () => {
    const text = textOf(runCard(views.rollback));
    for (const words of [
      'It failed. Roll it back?',
      '"Failed"',
      'w3wp.exe did not start again (exit code 3)',
      '1. Start the pool as it was (iis-pool-start on ops-api)',
      '"service-owners"',
      'If nobody decides, it is not rolled back',
      'approve 7K2QD 2',
    ])
      assert.ok(text.includes(words), words);
  });

  it('says of an idea of a machine that it is one', () => {
    const text = textOf(runCard(views['approval-quorum']));
    assert.ok(text.includes('Suggested by triage-7b (87 %), a machine'));
    assert.ok(text.includes('It decides nothing'));
  });

  it('marks an environment that was only assumed', () => {
    assert.ok(textOf(runCard(views['approval-changed'])).includes('"PRODUCTION?"'));
  });

  it('says that earlier votes are void only when the plan changed', () => {
    assert.ok(textOf(runCard(views['approval-changed'])).includes('Earlier votes do not count'));
    assert.ok(!textOf(runCard(views.approval)).includes('Earlier votes do not count'));
  });

  it('keeps nobody out of the vote when ServiceNow asked', () => {
    const text = textOf(runCard({ ...views.approval, requester: 'ServiceNow' }));
    assert.ok(text.includes('"Waits for 1 more of web-approvers."'));
  });

  it('names the rollback, and leaves its steps out until one has started', () => {
    const text = textOf(runCard(views.progress));
    assert.ok(text.includes('rolls back: Start the pool as it was'));
    assert.ok(!text.includes('rollback · '));
  });

  it('keeps the step at hand in sight when there are many', () => {
    const [one] = views.progress.steps;
    assert.ok(one);
    const steps = Array.from({ length: 40 }, (_, n) => ({
      ...one,
      title: `step ${n}`,
      state: n < 30 ? ('succeeded' as const) : n === 30 ? ('running' as const) : ('waiting' as const),
    }));
    const text = textOf(runCard({ ...views.progress, steps }));
    assert.ok(text.includes('step 30'));
    assert.ok(text.includes('26 more steps are not shown'));
  });

  it('does not promise steps that will not run any more', () => {
    const words = textOf(runCard(views['outcome-rejected']));
    assert.ok(words.includes('"Not run"') && !words.includes('"To do"'));
    assert.ok(textOf(runCard(views.progress)).includes('"To do"'));
  });

  it('has no button that changes anything once the run has ended', () => {
    for (const name of ['outcome-succeeded', 'outcome-failed', 'outcome-rejected', 'outcome-glass'] as const)
      assert.ok(!textOf(runCard(views[name])).includes('Action.Execute'));
  });

  it('never shows a secret as a value', () => {
    assert.ok(textOf(runCard(views.approval)).includes('"secret"'));
  });
});

describe('the summary of a run', () => {
  it('is the incident, the fix and where it stands', () => {
    assert.equal(
      summaryOf(views.approval),
      'INC0010023 · Recycle the IIS application pool · waits for approval',
    );
    assert.match(summaryOf(views.progress), /· remediation: Recycle the application pool$/u);
    assert.match(summaryOf(views['progress-waiting']), /· waits for run 4QX7B on the same item$/u);
    assert.match(summaryOf(views['progress-scheduled']), /· waits for Sun 22 Nov, 22:00 UTC$/u);
    assert.match(summaryOf(views.rollback), /· failed, and asks to be rolled back$/u);
    assert.match(summaryOf(views['outcome-failed']), /· outcome unknown$/u);
    assert.match(summaryOf(views.proposal), /· needs values/u);
  });
});

describe('the form of parameters', () => {
  it('shows what was typed again, with what is wrong beside its field', () => {
    const card = parametersCard(form, {
      entered: { host: '<b>' },
      errors: [{ field: 'host', message: 'must match x' }],
    });
    const text = JSON.stringify(card);
    assert.ok(text.includes('"value":"<b>"'), 'an input gets back exactly what was typed');
    assert.ok(text.includes('must match x'));
  });

  it('does not choke on a value that looks like a template', () => {
    const card = parametersCard(form, { entered: { host: `\${host} {{x}}` } });
    assert.ok(JSON.stringify(card).includes(`"value":"\${host} {{x}}"`));
  });

  it('says an error of no field at the top', () => {
    const card = parametersCard(form, {
      errors: [{ field: 'ghost', message: 'not a parameter a person can set' }],
    });
    assert.ok(JSON.stringify(card).includes('ghost: not a parameter a person can set'));
  });

  it('asks only for what the runbook has a person confirm, and shows the rest', () => {
    const text = textOf(parametersCard(form));
    assert.ok(text.includes('"id":"p_appPool"') && text.includes('"id":"p_drain"'));
    assert.ok(!text.includes('p_host'));
    assert.ok(text.includes('web-prod-01.contoso.example') && text.includes('(from the CMDB: ci.fqdn)'));
  });

  it('never asks for a secret, not even when somebody tried to set it', () => {
    const errors = [{ field: 'token', message: 'not a parameter a person can set' }];
    const text = JSON.stringify(parametersCard(form, { entered: { token: 'hunter2' }, errors }));
    assert.ok(text.includes('token: not a parameter a person can set'));
    assert.ok(!text.includes('p_token') && !text.includes('hunter2'));
  });

  it('asks for no secret and gives no number that is none', () => {
    const text = JSON.stringify(parametersCard(form, { entered: { drain: 'many' } }));
    assert.ok(!text.includes('p_token'));
    assert.ok(!text.includes('OPS_API_TOKEN'));
    assert.ok(!text.includes('"many"'));
  });
});

describe('the other cards', () => {
  it('stay inert and fit', () => {
    fc.assert(
      fc.property(fc.constantFrom(...hostile), (text) => {
        const cards = [
          errorCard({ title: text, message: text, nextAction: text, details: [text] }),
          refusalCard({
            code: 'parameters-invalid',
            message: text,
            nextAction: text,
            fields: [{ field: text, message: text }],
          }),
          statusCard(standing(text)),
          whyCard(said(views['approval-scheduled'], text, 60)),
          helpCard(Array.from({ length: 50 }, () => ({ say: text, does: text }))),
          welcomeCard(commands, [text]),
        ];
        for (const card of cards) assert.ok(bytes(card) <= maxCardBytes);
      }),
      { numRuns: hostile.length },
    );
  });

  it('say how many runbooks and runs they leave out', () => {
    const [one] = library;
    assert.ok(one);
    assert.match(textOf(runbooksCard(Array.from({ length: 40 }, () => one))), /25 more are not shown/u);
    assert.match(
      textOf(statusCard({ runs: Array.from({ length: 30 }, () => openRuns).flat(), reviews: [] })),
      /44 more are not shown/u,
    );
  });
});
