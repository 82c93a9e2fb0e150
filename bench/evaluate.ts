import { loadCatalogue } from '../src/adapters/catalogue/load.ts';
import { noControl } from '../src/domain/control.ts';
import type { GuardrailFacts } from '../src/domain/facts.ts';
import { evaluate } from '../src/domain/guardrails.ts';
import { ConfigurationItem, Incident } from '../src/domain/incident.ts';
import { Policy } from '../src/domain/policy.ts';
import { median } from './figures.ts';

const ok = <T>(value: T) => ({ ok: true, value }) as const;
const now = new Date('2026-11-22T09:00:00Z');
const day = (n: number) => new Date(now.getTime() - n * 86_400_000);

/** Facts as they are when everything is asked: windows in several zones, a busy item, many dependents. */
async function prepared(): Promise<GuardrailFacts> {
  const { runbooks, policy } = await loadCatalogue('runbooks', now);
  const [loaded] = runbooks.values();
  if (loaded === undefined) throw new Error('runbooks/ has no runbook');
  const zones = ['Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Pacific/Apia'];
  const windows = zones.map((zone) => ({
    name: zone,
    environments: ['production'],
    days: ['sat'],
    from: '22:00',
    to: '04:00',
    zone,
  }));
  const past = Array.from({ length: 50 }, (_, n) => ({
    runId: `run-${n}`,
    runbook: loaded.runbook.id,
    ci: 'c'.repeat(32),
    incident: 'INC0000001',
    at: day(n + 1),
  }));
  const item = (n: number) => ({
    sysId: String(n),
    name: `ci-${n}`,
    class: 'cmdb_ci_server',
    criticality: 2,
  });
  return {
    now,
    runbook: loaded.runbook,
    policy: Policy.parse({ ...JSON.parse(JSON.stringify(unparsed(policy.policy))), changeWindows: windows }),
    requester: { kind: 'person', id: 'olivia', name: 'Olivia', tenant: 't' },
    proposedCi: 'c'.repeat(32),
    parameters: [],
    control: ok(noControl),
    owner: ok({ nobody: 'nobody' }),
    incident: ok(
      Incident.parse({
        sysId: 'a'.repeat(32),
        number: 'INC0010023',
        shortDescription: 'Burst of 5xx',
        description: '',
        state: 'new',
        priority: '2',
        modCount: 1,
        updatedBy: 'monitoring',
        ciSysId: 'c'.repeat(32),
        assignmentGroup: 'Web Operations',
        fields: { impact: '2' },
      }),
    ),
    ci: ok(
      ConfigurationItem.parse({
        sysId: 'c'.repeat(32),
        name: 'shop-web-01',
        class: 'cmdb_ci_app_server',
        environment: 'production',
        environmentKnown: true,
        fields: {},
      }),
    ),
    changes: ok([]),
    relations: ok({
      dependents: Array.from({ length: 200 }, (_, n) => item(n)),
      members: [],
      truncated: false,
    }),
    majorIncidents: ok([]),
    schedule: ok([]),
    history: ok(past),
    lastHour: ok([]),
    holders: ok({ ci: '', runbook: [], targets: {} }),
    requesterGroups: ok(loaded.runbook.requesters),
    requesterOnCall: ok(false),
    members: ok({}),
    authors: ok([]),
  };
}

/** Durations are numbers once parsed; windows are all that changes, so the rest of the policy is taken as it is. */
const unparsed = ({ version, groups, channels, targets, changeWindowRequired }: Policy) => ({
  version,
  groups,
  channels,
  targets,
  changeWindowRequired,
  flapping: { runs: 3, within: '6h' },
  limits: { perRunbook: 4, perHour: 60 },
  scheduleWithin: '12h',
});

/** Median milliseconds of one evaluation of all guardrails, facts at hand, the clock moving on by a minute each time. */
export async function evaluation(times = 3_000): Promise<number> {
  const facts = await prepared();
  const once = (n: number): number => {
    const at = new Date(now.getTime() + n * 60_000);
    const began = performance.now();
    evaluate({ ...facts, now: at });
    return performance.now() - began;
  };
  for (let n = 0; n < 500; n += 1) once(n);
  return median(Array.from({ length: times }, (_, n) => once(n)));
}

if (import.meta.main) console.log(`evaluate: ${(await evaluation()).toFixed(3)} ms (median)`);
