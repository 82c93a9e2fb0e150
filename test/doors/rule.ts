import type { CommandName } from '../../src/domain/commands.ts';
import type { Setting, Stage } from './stage.ts';

/** Teams did not say who it is. */
export const nobody = '';

/** What somebody asks for, in the terms every door has: who, of which tenant, what, of which plan, with which words. */
export type Try = {
  readonly who: string;
  readonly tenant?: string;
  readonly ask: Extract<
    CommandName,
    | 'approve'
    | 'reject'
    | 'narrow'
    | 'break-glass'
    | 'withdraw'
    | 'cancel'
    | 'review'
    | 'settle'
    | 'continue'
    | 'stop'
    | 'resume'
  >;
  readonly revision?: number;
  readonly card?: string;
  readonly reason?: string;
  readonly values?: Readonly<Record<string, number>>;
};

/** One way in which a decision must be refused. */
export type Rule = {
  readonly name: string;
  readonly setting?: Setting;
  /** Brings the run to where the rule speaks. */
  readonly before?: (stage: Stage) => Promise<unknown>;
  readonly tries: Try;
  /** The code of the refusal at every door that can carry it. */
  readonly want: string;
  /** What the bot's own doors say where they turn somebody away before the run is asked. */
  readonly atTeams?: string;
  /** Events the refusal may leave besides the record that it was refused. */
  readonly leaves?: readonly string[];
  /** What a part of the system is told: nearly always that only a person can do this. */
  readonly timer?: string;
  /** The run is decided already, so the engine may start it. */
  readonly decided?: true;
};
