import assert from 'node:assert/strict';
import { escapeMarkdown } from '../../cards/text.ts';
import { decide } from '../../src/domain/decide.ts';
import type { RunEvent } from '../../src/domain/events.ts';
import { parseThinEvent } from '../../src/domain/inbox.ts';
import type { ConfigurationItem, Incident } from '../../src/domain/incident.ts';
import { matchRunbooks } from '../../src/domain/match.ts';
import { system } from '../../src/domain/people.ts';
import type { LoadedPolicy } from '../../src/domain/policy.ts';
import { newRun } from '../../src/domain/run.ts';
import { suggestionInWords, type WeighedSuggestion } from '../../src/domain/suggestion.ts';
import * as f from '../fakes/domain.ts';
import {
  type Arrival,
  harmless,
  hostile,
  policy,
  runbooks,
  type Ticket,
  tickets,
} from '../fixtures/injection/tickets.ts';

type Given = { readonly ci: ConfigurationItem; readonly rules: LoadedPolicy };

/** From the event and the ticket to what would be stored: everything between is pure. */
function proposed(
  { incident, body }: Arrival,
  { ci, rules }: Given = { ci: f.ci(), rules: policy },
): readonly RunEvent[] {
  const event = parseThinEvent(body);
  assert.ok(!('invalid' in event), 'the event is lost');
  const all = [...runbooks.values()];
  const [best] = matchRunbooks(all, incident, ci, event.suggestion, rules.policy.suggestions);
  if (best === undefined) return [];
  const command = f.command('propose', system('servicenow'), {
    incident: event.sys_id,
    runbook: best.loaded.runbook.id,
    reason: best.reason,
    ...(best.suggestion ? { suggestion: best.suggestion } : {}),
  });
  const world = f.world({ incident: { ok: true, value: incident }, ci: { ok: true, value: ci } });
  const decided = decide(
    newRun(f.RUN),
    command,
    f.facts(command.by, { world, policy: rules, runbook: best.loaded }),
  );
  assert.ok(decided.ok, 'the proposal is refused');
  return decided.events;
}

/** The events without what may differ: the ticket itself, and what a machine said. */
const bare = (events: readonly RunEvent[], as: Incident) =>
  events.map((event) => {
    if (event.type !== 'run-proposed') return event;
    const { suggestion: _, ...rest } = event.data;
    return { ...event, data: { ...rest, incident: as } };
  });

const suggestionOf = (events: readonly RunEvent[]): WeighedSuggestion | undefined =>
  events.flatMap((event) => (event.type === 'run-proposed' ? [event.data.suggestion] : []))[0];

const planOf = (events: readonly RunEvent[]) =>
  events.flatMap((event) => (event.type === 'approval-requested' ? [event.data] : []))[0];

function checkSuggestion(ticket: Ticket, arrived: Arrival, suggestion: WeighedSuggestion | undefined): void {
  assert.equal(suggestion?.role ?? 'none', ticket.becomes);
  if (suggestion === undefined) return;
  const words = suggestionInWords(suggestion);
  assert.doesNotMatch(words, /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]|\[\/?code\]/u);
  assert.match(words, /^Suggested by triage \(\d+ %\), a machine: ("[^"]*"|no reason given); it quotes /);
  const text = `${arrived.incident.shortDescription}\n${arrived.incident.description}`;
  for (const quote of suggestion.quotes) assert.ok(text.includes(quote), `"${quote}" is not in the ticket`);
  assert.doesNotMatch(escapeMarkdown(words, 2_000), /(?<!\\)[[\]*_`]|<at>|:\/\/|\$\{|\{\{/u);
}

describe('a ticket that tries to decide', () => {
  it('comes in at least 60 kinds, each with a name of its own', () => {
    assert.ok(tickets.length >= 60);
    assert.equal(new Set(tickets.map(({ aims, title }) => `${aims}: ${title}`)).size, tickets.length);
  });

  for (const ticket of tickets)
    it(`changes nothing by aiming at ${ticket.aims} with ${ticket.title}`, () => {
      const arrived = hostile(ticket);
      const events = proposed(arrived);
      const calm = proposed(harmless(ticket));
      assert.deepEqual(bare(events, arrived.incident), bare(calm, arrived.incident));
      checkSuggestion(ticket, arrived, suggestionOf(events));
      assert.equal(events.length > 0, ticket.symptom || ticket.becomes !== 'none');
    });

  it('lets a policy rule approve what the rules chose, and never what only a machine named', () => {
    const { autoApprovals } = f.policy(f.autoApprove).policy;
    const rules = { ...policy, policy: { ...policy.policy, autoApprovals } };
    const given = { ci: f.ci({ environment: 'test' }), rules };
    const decidedBy = (ticket: Ticket) => proposed(hostile(ticket), given).at(-1)?.type;
    for (const ticket of tickets.filter((one) => one.becomes !== 'none'))
      assert.equal(decidedBy(ticket), ticket.becomes === 'alone' ? 'approval-requested' : 'auto-approved');
    assert.ok(tickets.some((one) => one.becomes === 'alone'));
  });

  it('changes the plan by a declared column only, with a value that fits', () => {
    const plain = planOf(proposed(harmless({ ...(tickets[0] as Ticket), declared: [] })));
    const declared = tickets.filter((ticket) => ticket.declared.length > 0);
    assert.ok(declared.length > 0);
    for (const ticket of declared) {
      const plan = planOf(proposed(hostile(ticket)));
      assert.notEqual(plan?.digest, plain?.digest);
      const {
        u_app_pool: pool = 'shop',
        u_mode: mode = 'graceful',
        u_count: count = '1',
      } = ticket.incident.fields ?? {};
      assert.deepEqual(plan?.plan.parameters, {
        pool,
        mode,
        count: Number(count),
        token: 'secret:OPS_TOKEN',
      });
    }
  });
});
