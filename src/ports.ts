import type { Command, Reply } from './domain/commands.ts';
import type { LogEntry, NewEvent } from './domain/events.ts';
import type {
  Change,
  ConfigurationItem,
  Incident,
  MajorIncident,
  Relations,
  ScheduleSpan,
} from './domain/incident.ts';
import type { Json } from './domain/json.ts';
import type { Person } from './domain/people.ts';
import type { RunView } from './domain/view.ts';

export type * from './ports-automation.ts';

export interface Clock {
  now(): Date;
}

/** Fresh identifiers. */
export interface Ids {
  /** A new ULID: 26 characters, sortable by time. */
  ulid(): string;
  /** A new UUID, for idempotency keys. */
  uuid(): string;
}

// ---------------------------------------------------------------- stores

export type Appended =
  | { readonly ok: true; readonly entries: readonly LogEntry[] }
  | { readonly ok: false; readonly why: 'conflict' };

export type LogQuery = {
  /** Equality on indexed fields. */
  readonly where: Partial<Record<'type' | 'phase' | 'ci' | 'runbook' | 'incident' | 'conversation', string>>;
  readonly limit: number;
};

/** The truth: one append-only, hash-chained stream of events a run. */
export interface EventLog {
  /** Opens and checks the store. Throws AppError `store-in-use` or `store-unavailable`. */
  ready(): Promise<void>;
  /** All events of a run in order; empty when there is no such run. Throws `log-broken` on an unreadable entry. */
  read(runId: string): Promise<readonly LogEntry[]>;
  /**
   * Stores events right after `head` (undefined for a new run). Either all of them are stored in order, or none and the
   * answer is 'conflict' because somebody else appended first. A store that cannot write several items at once may keep
   * a prefix when it fails half-way; every prefix is a valid run. Appending the same event ids twice stores them once.
   */
  append(runId: string, head: LogEntry | undefined, events: readonly NewEvent[]): Promise<Appended>;
  /** Entries across runs, newest first. */
  find(query: LogQuery): Promise<readonly LogEntry[]>;
  close(): Promise<void>;
}

export type StateItem = {
  /** Partition; with `id` it names the item. */
  readonly pk: string;
  readonly id: string;
  readonly kind: string;
  /** Unique sort key within its kind, e.g. `<iso time>|<id>`. */
  readonly k: string;
  readonly status?: string;
  readonly code?: string;
  readonly ci?: string;
  readonly incident?: string;
  readonly runbook?: string;
  /** Seconds until the item is gone. */
  readonly ttl?: number;
  readonly body: Json;
};
export type Stored = { readonly item: StateItem; readonly etag: string };
export type Written =
  | { readonly ok: true; readonly etag: string }
  | { readonly ok: false; readonly why: 'exists' | 'changed' | 'gone' };

/** Projections, conversation references, dialog state, dedupe and leases. Rebuilt or harmless when lost. */
export interface StateStore {
  get(pk: string, id: string): Promise<Stored | undefined>;
  /** 'new' creates (why: exists), an etag replaces (why: changed, gone), 'any' writes whatever is there. */
  put(item: StateItem, when: 'new' | 'any' | { readonly etag: string }): Promise<Written>;
  /** True when something was removed. With an etag, `changed` when it is not the one stored. */
  remove(pk: string, id: string, etag?: string): Promise<boolean | 'changed'>;
  list(query: {
    readonly where: Partial<Record<'kind' | 'status' | 'code' | 'ci' | 'incident' | 'runbook', string>>;
    readonly limit: number;
    readonly order?: 'asc' | 'desc';
    /** The `after` of the previous page. */
    readonly after?: string;
  }): Promise<{ readonly items: readonly Stored[]; readonly after?: string }>;
}

// ---------------------------------------------------------------- engine

export type Handlers = {
  /** Decides on a command and stores what it changed. */
  command(runId: string, command: Command): Promise<Reply>;
  /** Does what is due for a run. Answers when it wants to be called again; undefined when the run needs nothing more. */
  drive(runId: string): Promise<Date | undefined>;
  /** The runs that are not settled, for reconciliation. */
  openRuns(): Promise<readonly string[]>;
};

/** Wakes runs. All meaning is in the log; both calls may be delivered twice, late, or after the end. */
export interface Engine {
  start(handlers: Handlers): Promise<void>;
  /** Hands a command to the run, one answer. The run is driven afterwards. */
  submit(runId: string, command: Command): Promise<Reply>;
  /** Drives the run soon, or at a time. */
  wake(runId: string, at?: Date): Promise<void>;
  /** Waits for calls in progress and stops. */
  stop(): Promise<void>;
}

// ---------------------------------------------------------------- the world

export type TicketUpdate = {
  readonly sysId: string;
  /** A unique line in the work note, by which a repeat is recognised. */
  readonly marker: string;
  readonly workNote: string;
  /** 'not-requested' takes a request back: the run ended before anybody decided. */
  readonly approval?: 'requested' | 'approved' | 'rejected' | 'not-requested';
  readonly state?: 'in-progress' | 'resolved';
  readonly close?: { readonly code: string; readonly notes: string };
  /** sys_id or name of the group that takes over. */
  readonly assignmentGroup?: string;
  /** How the incident stood before (`seen`): where people have taken it since, its state and group are left to them. */
  readonly since?: Readonly<Record<string, string>>;
};
export type Updated = {
  /** How the incident stood right after: raw values, to be handed back as `since`. None of them: that is not known. */
  readonly seen?: Readonly<Record<string, string>>;
  /** What was left as it is because people have the incident in hand, and why. */
  readonly left?: string;
};
export type Attachment = {
  readonly sysId: string;
  readonly name: string;
  readonly type: string;
  readonly bytes: Uint8Array;
};

/** An incident and its version, `sys_mod_count`. */
export type TaggedIncident = Pick<Incident, 'sysId' | 'modCount'>;
export type TaggedPage = {
  readonly incidents: readonly TaggedIncident[];
  /** There are more. */
  readonly after?: string;
};

/** How the person an item is assigned to is looked up, or why nobody can be named and what to do about that. */
export type AssignedTo = { readonly named: string } | { readonly nobody: string };

/** ServiceNow. Reads are fresh; nothing of an event's payload is believed. */
export interface Itsm {
  incident(ref: { readonly sysId: string } | { readonly number: string }): Promise<Incident | undefined>;
  ci(sysId: string): Promise<ConfigurationItem | undefined>;
  /** The email address or Entra object id of the one person an item is assigned to. */
  owner(ci: ConfigurationItem): Promise<AssignedTo>;
  /** Changes whose planned time covers `at` for this CI. */
  changes(ciSysId: string, at: Date): Promise<readonly Change[]>;
  /** What depends on an item and what it consists of; undefined when there is no such item. */
  relations(ciSysId: string): Promise<Relations | undefined>;
  /** Open major incidents on any of these items. */
  majorIncidents(ciSysIds: readonly string[]): Promise<readonly MajorIncident[]>;
  /** Maintenance and blackout times of the item that touch the span from `from` to `to`. */
  schedule(ciSysId: string, from: Date, to: Date): Promise<readonly ScheduleSpan[]>;
  /** Email addresses of those on call for a group (sys_id or name) at a time, first responder first; falls back to the group's manager. */
  onCall(group: string, at: Date): Promise<readonly string[]>;
  /** Writes a work note and fields. When a note with the marker exists already, nothing is written. */
  update(update: TicketUpdate): Promise<Updated>;
  /** Attaches a file unless one with the same name and content is there. */
  attach(attachment: Attachment): Promise<void>;
  /** Open incidents that carry the runbook tag, a page at a time in a lasting order; go on from `after`. */
  tagged(after?: string): Promise<TaggedPage>;
  /** True when the last update of the incident was made by our own integration user. */
  isOwnUpdate(incident: Incident): boolean;
  /** When ServiceNow was asked for this very answer, where answers may be some seconds old; undefined for any other. */
  readAt?(answer: unknown): Date | undefined;
}

export type CardRef = { readonly conversation: string; readonly activity: string };

/** Microsoft Teams, as the flow sees it: it shows runs and tells people. */
export interface Chat {
  /** Posts the run's card as a new thread in a channel. */
  post(channel: string, view: RunView): Promise<CardRef>;
  /** Redraws the run's card. A card that is gone is not an error. */
  update(ref: CardRef, view: RunView): Promise<void>;
  /** A reply in the card's thread, naming people so that they are notified. */
  reply(ref: CardRef, text: string, mention: readonly Person[]): Promise<void>;
  /** Asks the owner of the item in a personal chat whether it is theirs; undefined when they cannot be reached. */
  askOwner(owner: Person, view: RunView): Promise<CardRef | undefined>;
  /** Redraws the card that asked an owner. One that is gone is not an error. */
  updateOwner(ref: CardRef, view: RunView): Promise<void>;
  /** A personal message. A person for whom the app is not installed, or who has blocked it, is not an error: false. */
  tell(person: Person, text: string): Promise<boolean>;
}

/** Who belongs where (Entra ID). */
export interface Directory {
  /** Those of the named groups (Entra object ids) the person is a member of, transitively. */
  memberOf(personId: string, groups: readonly string[]): Promise<readonly string[]>;
  /** Entra object ids of the people in a group, transitively. Throws `directory-refused` when there are too many to count. */
  members(group: string): Promise<readonly string[]>;
  /** The person with this email address, user principal name or object id; undefined when there is none. More than one is an error. */
  person(named: string): Promise<{ readonly id: string; readonly name: string } | undefined>;
  /** When the directory was asked for this very answer, where answers may be some seconds old; undefined for any other. */
  readAt?(answer: unknown): Date | undefined;
}
