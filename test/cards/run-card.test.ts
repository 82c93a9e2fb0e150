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
import { hostile } from './hostile.ts';
import { commands, form, library, offers, openRuns } from './inputs.ts';
import { said } from './said.ts';
import { views } from './views.ts';

const bytes = (card: object) => Buffer.byteLength(JSON.stringify(card));
const textOf = (card: object) => JSON.stringify(card).replaceAll('\u2060', '');

const standing = (text: string): Standing => {
  const run = { code: text, incident: text, ci: text, runbook: text, doing: text };
  const review = { ...run, by: text, reason: text, group: text, due: '2026-11-22T02:45:00Z', overdue: true };
  return {
    runs: Array.from({ length: 50 }, () => run),
    reviews: Array.from({ length: 50 }, () => review),
    unsettled: Array.from({ length: 50 }, () => run),
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

/** The one address on a card: it comes from our settings and from ids. */
const page = views['progress-lines'].progress.link.url;

/** The moments we leave to the client to show in the reader's zone. */
const ours = /\{\{(TIME\([-0-9TZ:]+\)|DATE\([-0-9TZ:]+, SHORT\))\}\}/gu;

describe('the card of a run', () => {
  for (const [name, view] of Object.entries(views)) {
    it(`fits and stays inert whatever the ticket says (${name})`, () => {
      for (const text of hostile) {
        const card = runCard(said(view, text), offers);
        assert.ok(bytes(card) <= maxCardBytes);
        for (const one of strings(card)) {
          if (one.text.startsWith('http://adaptivecards.io/') || one.text === page) continue;
          assert.doesNotMatch(one.text.replaceAll(ours, ''), /\]\(|<at>|:\/\/|\$\{|\{\{/u);
        }
      }
    });

    it(`fits when everything is long and there is much of it (${name})`, () => {
      for (const text of ['@'.repeat(2_000), '😀'.repeat(2_000), '\\"'.repeat(2_000)])
        assert.ok(bytes(runCard(said(view, text, 60), offers)) <= maxCardBytes);
    });
  }

  it('shows the last lines of the running job, at most five, and a way to its page', () => {
    const view = views['progress-lines'];
    const lines = Array.from({ length: 9 }, (_, n) => `line ${n}`).join('\n');
    const text = textOf(runCard({ ...view, progress: { ...view.progress, lines } }));
    assert.deepEqual(text.match(/line \d/g), ['line 4', 'line 5', 'line 6', 'line 7', 'line 8']);
    assert.match(text, /Running since\*\* Sun 22 Nov, 02:15 UTC.*: 4 min at the last look/);
    assert.match(
      text,
      /"title":"Open in awx","url":"https:\/\/awx.contoso.example\/#\/jobs\/playbook\/4711"/,
    );
  });

  for (const url of ['javascript:alert(1)', 'file:///etc/passwd', 'msteams://x', 'nonsense'])
    it(`leads to no page at ${url}`, () => {
      const view = views['progress-lines'];
      const link = { target: 'awx', url };
      const card = runCard({ ...view, progress: { ...view.progress, link } });
      assert.doesNotMatch(textOf(card), /OpenUrl/);
    });

  it('shows what forbids it before what asks, and what asks before what passes', () => {
    const text = textOf(runCard(views['approval-changed']));
    assert.ok(text.indexOf('"Stop"') < text.indexOf('"Ask"'));
    assert.ok(text.indexOf('"Ask"') < text.indexOf('"OK"'));
  });

  it('says environment, approvers, deadline and the words to type without opening anything', () => {
    const [face = ''] = textOf(runCard(views.approval)).split('"id":"details"');
    const waits = 'Waits for 1 more of web-approvers, not Olivia Oncall who asked.';
    for (const words of ['PRODUCTION', 'WEB-PROD-01', '"web-approvers"', '"0 of 1"', waits])
      assert.ok(face.includes(words), words);
    assert.ok(face.includes('Sun 22 Nov, 02:45 UTC ({{TIME(2026-11-22T02:45:00Z)}} your time)'));
    assert.ok(textOf(runCard(views.approval)).includes('approve 7K2QD'));
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

  it('offers no cancelling once a rollback has begun, which has to finish', () => {
    const cancel = /"verb":"cancel"|cancel 7K2QD/;
    assert.match(JSON.stringify(runCard(views.progress)), cancel);
    const steps = views.progress.steps.map((one) =>
      one.phase === 'rollback' ? { ...one, state: 'running' as const } : one,
    );
    assert.doesNotMatch(JSON.stringify(runCard({ ...views.progress, steps })), cancel);
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
      textOf(
        statusCard({ runs: Array.from({ length: 30 }, () => openRuns).flat(), reviews: [], unsettled: [] }),
      ),
      /44 more are not shown/u,
    );
  });
});
