import assert from 'node:assert/strict';
import type { Command } from '../../src/domain/commands.ts';
import type { LogEntry } from '../../src/domain/events.ts';
import type { Says } from './model.ts';
import type { Outside } from './rules.ts';
import type { State } from './state.ts';

/** What was asked, by whom, and what the world was like when it was asked. */
export type Act = { readonly command: Command; readonly says: Says; readonly outside: Outside };

/** Everything the model has seen of one run; digests are remembered by the plan they stand for. */
export type Watched = {
  readonly state: State;
  readonly digests: Map<string, string>;
  readonly seen: Set<string>;
};

export type Of<T extends LogEntry['type']> = Extract<LogEntry, { type: T }>;
/** '' for nobody. */
export const ids = (person: string | undefined): string => person ?? '';
export const check = (holds: boolean, what: string): void => assert.ok(holds, what);
