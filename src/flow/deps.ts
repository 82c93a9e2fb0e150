import type { LoadedPolicy } from '../domain/policy.ts';
import type { LoadedRunbook } from '../domain/runbook.ts';
import type {
  Chat,
  Clock,
  Directory,
  Engine,
  EventLog,
  Ids,
  Itsm,
  Probe,
  StateStore,
  Target,
} from '../ports.ts';
import type { Sights } from './sight.ts';

/** Runbooks and policy as loaded and checked at start. */
export type Catalogue = {
  readonly runbooks: ReadonlyMap<string, LoadedRunbook>;
  readonly policy: LoadedPolicy;
};

/** One line of the operator's log. Never holds a secret. */
export type Log = (
  level: 'info' | 'warn' | 'error',
  message: string,
  details?: Readonly<Record<string, string | number | boolean | undefined>>,
) => void;

/** Everything the flow needs, passed in once by the composition root. */
export type Deps = {
  readonly tenant: string;
  readonly catalogue: Catalogue;
  readonly log: EventLog;
  readonly state: StateStore;
  readonly engine: Engine;
  readonly itsm: Itsm;
  readonly targets: ReadonlyMap<string, Target>;
  readonly probe: Probe;
  readonly chat: Chat;
  readonly directory: Directory;
  readonly sights: Sights;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly report: Log;
};
