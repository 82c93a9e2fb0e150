import type { Item, Needed } from './rules.ts';

export type Value = { readonly value: string; readonly chosen: boolean; readonly open: boolean };

/** One question to people, and what they have answered. */
export type Asked = {
  readonly revision: number;
  readonly phase: 'run' | 'rollback';
  /** Everything that is approved with it: a change in any of it makes another plan. */
  readonly plan: string;
  readonly places: readonly Needed[];
  readonly authors: readonly string[];
  readonly expires: number;
  readonly opens: number | undefined;
  readonly rule: boolean;
  escalated: boolean;
  readonly votes: { by: string; verb: 'approve' | 'reject'; groups: readonly string[]; instead?: string }[];
  glass?: { readonly by: string; readonly broken: readonly string[] };
  decided: number;
};

export type Step = { readonly step: string; readonly phase: string; result?: string };

/** A run as the model sees it: who asked, what was asked, who said what, what was begun. */
export type State = {
  asker: string | undefined;
  readonly confirmers: string[];
  proposed: Item | undefined;
  /** The item the incident was on when the run was proposed. */
  about: string | undefined;
  pool: Value;
  drain: Value;
  asked: Asked | undefined;
  rollback: Asked | undefined;
  readonly steps: Step[];
  cancelled: boolean;
  outcome: string | undefined;
  /** Everybody who broke the glass, whatever became of the plan. */
  readonly breakers: string[];
  reviewed: boolean;
  /** What somebody said of the step that nobody knew about. */
  word: string | undefined;
  continued: boolean;
};

export const newState = (): State => ({
  asker: undefined,
  confirmers: [],
  proposed: undefined,
  about: undefined,
  pool: { value: '', chosen: false, open: true },
  drain: { value: '60', chosen: false, open: false },
  asked: undefined,
  rollback: undefined,
  steps: [],
  cancelled: false,
  outcome: undefined,
  breakers: [],
  reviewed: false,
  word: undefined,
  continued: false,
});
