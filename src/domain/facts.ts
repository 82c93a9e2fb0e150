import type { Control } from './control.ts';
import type {
  Change,
  ConfigurationItem,
  Incident,
  MajorIncident,
  Relations,
  ScheduleSpan,
} from './incident.ts';
import type { Owner } from './ownership.ts';
import type { ResolvedParameter } from './parameters.ts';
import type { Actor } from './people.ts';
import type { Policy } from './policy.ts';
import type { Runbook } from './runbook.ts';

/** Something that was fetched, or the reason why it could not be. A fact that is missing is never a pass. */
export type Fact<T> =
  | {
      readonly ok: true;
      readonly value: T;
      /** ISO 8601: when the source was asked for it, where the source can say. It may have been some seconds ago. */
      readonly readAt?: string;
    }
  | { readonly ok: false; readonly why: string };

/** A remediation that was claimed in another run, unless the target certainly never began. */
export type PastRemediation = {
  readonly runId: string;
  readonly runbook: string;
  readonly ci: string;
  readonly incident: string;
  readonly at: Date;
};

/** Who has what this run would need. Empty strings mean nobody. */
export type Holders = {
  /** The run that works on the same item. */
  readonly ci: string;
  /** Runs that hold a place of the same runbook, and of each target, this run not counted. */
  readonly runbook: readonly string[];
  readonly targets: Readonly<Record<string, readonly string[]>>;
};

/** What ServiceNow, the CMDB, the log and the directory say right now. */
export type World = {
  readonly incident: Fact<Incident>;
  readonly ci: Fact<ConfigurationItem>;
  /** Whom the item is assigned to, where the runbook asks that person. */
  readonly owner: Fact<Owner>;
  readonly changes: Fact<readonly Change[]>;
  readonly relations: Fact<Relations>;
  readonly majorIncidents: Fact<readonly MajorIncident[]>;
  /** Maintenance and blackout times that touch now or the time a closed window may be waited for. */
  readonly schedule: Fact<readonly ScheduleSpan[]>;
  /** Remediations on this item, newest first, as far back as the cooldown and the flapping span reach. */
  readonly history: Fact<readonly PastRemediation[]>;
  /** Remediations of the last hour anywhere, newest first. */
  readonly lastHour: Fact<readonly PastRemediation[]>;
  readonly holders: Fact<Holders>;
  /** Names of the policy's groups the requester is in. */
  readonly requesterGroups: Fact<readonly string[]>;
  /** Whether the requester is on call now for one of the groups that may ask for the runbook. */
  readonly requesterOnCall: Fact<boolean>;
  /** Entra ids of the people in each group that an approval of this run may need. */
  readonly members: Fact<Readonly<Record<string, readonly string[]>>>;
  /** Entra ids of whoever wrote this version of the runbook, as far as the directory knows them. */
  readonly authors: Fact<readonly string[]>;
};

/** Everything a guardrail may look at. The flow fetches it; the domain judges. */
export type GuardrailFacts = World & {
  readonly now: Date;
  readonly runbook: Runbook;
  readonly policy: Policy;
  readonly requester: Actor;
  /** sys_id of the item the run was proposed for; undefined while it is being proposed. */
  readonly proposedCi: string | undefined;
  /** The values as they are now: what would be touched. */
  readonly parameters: readonly ResolvedParameter[];
  /** Whether everything is stopped, and who stands in for whom. */
  readonly control: Fact<Control>;
};
