import type { EventData, Outcome } from './events.ts';
import type { GuardrailLine } from './guardrail-line.ts';
import type { Phase } from './plan.ts';
import type { StepResult } from './step-end.ts';

export type StepView = {
  readonly id: string;
  readonly title: string;
  readonly phase: Phase;
  readonly state: 'waiting' | 'running' | StepResult;
  /** One line: what the target said, or what it will do. */
  readonly detail: string;
  /** The last lines of its log, '' when there are none. */
  readonly tail: string;
  /** The step of the runbook, where this is one batch of it. */
  readonly pool?: string;
};

/** A step of the runbook that goes through a pool of hosts. */
export type PoolView = {
  readonly step: string;
  readonly title: string;
  readonly phase: Phase;
  readonly hosts: readonly string[];
  /** So many at a time. */
  readonly atOnce: number;
  readonly stopAfterFailures: number;
  /** How far it is: `Restart: 2 of 4 hosts done; web03 failed`. '' before it begins. */
  readonly progress: string;
};

/** What was asked of whom, how far it is, and what happens when nobody answers. Times are ISO 8601, UTC. */
export type ApprovalView = {
  /** The run, or its rollback, which has approvers of its own. */
  readonly phase: 'run' | 'rollback';
  readonly requirements: readonly {
    readonly group: string;
    readonly needed: number;
    /** How many of the group could vote, where that matters. */
    readonly of?: number | undefined;
    readonly by: readonly string[];
  }[];
  /** All groups, as one text, and all people, each once. */
  readonly group: string;
  readonly needed: number;
  readonly approvers: readonly string[];
  /** '' without risk tiers. */
  readonly tier: string;
  /** The quorum is there, but it takes one more person because nobody asked for the run. */
  readonly lacksSecondPerson: boolean;
  readonly expiresAt: string;
  readonly remindAt?: string;
  readonly escalatesAt?: string;
  readonly escalateTo?: string;
  readonly escalated?: string;
  /** It starts when this window opens. */
  readonly notBefore?: string;
  /** The policy rule that approved it, instead of people. */
  readonly rule?: string;
  /** Who decided alone, why, and what has to follow. */
  readonly glass?: {
    readonly by: string;
    readonly reason: string;
    readonly overridden: readonly string[];
    readonly reviewGroup: string;
    readonly reviewBy: string;
    readonly review: 'open' | 'overdue' | 'justified' | 'not justified';
  };
};

/**
 * What people see of a run: the one input of every card, a pure projection of the run.
 * Texts from the ticket are raw here; cards escape them.
 */
export type RunView = {
  /** proposal: parameters are missing. approval: waits for votes. progress: under way. outcome: ended. */
  readonly face: 'proposal' | 'approval' | 'progress' | 'outcome';
  readonly runId: string;
  /** The short code people type, e.g. 7K2QD. */
  readonly code: string;
  /** The plan the buttons are about. */
  readonly revision: number;
  readonly incident: { readonly number: string; readonly title: string; readonly priority: string };
  readonly ci: { readonly name: string; readonly environment: string; readonly environmentKnown: boolean };
  readonly runbook: {
    readonly id: string;
    readonly title: string;
    readonly version: string;
    readonly summary: string;
  };
  readonly requester: string;
  /** Why this runbook was proposed. */
  readonly reason: string;
  readonly guardrails: readonly GuardrailLine[];
  readonly parameters: readonly {
    readonly name: string;
    readonly title: string;
    /** Empty when it is missing. */
    readonly value: string;
    readonly source: string;
    readonly missing: boolean;
    /** It is a list of names, all of which matter. */
    readonly list?: true;
  }[];
  /** Whose item it is, where that person has to say so before anybody may approve. */
  readonly owner?: {
    readonly name: string;
    readonly state: 'asked' | 'confirmed' | 'disowned';
    /** What it means for them. */
    readonly consequence: string;
    readonly until: string;
  };
  readonly steps: readonly StepView[];
  /** The pools that steps go through, in batches. */
  readonly pools: readonly PoolView[];
  /** How it can be undone, or why it cannot. */
  readonly rollback: string;
  readonly approval?: ApprovalView;
  /** What changed since the plan shown before, one sentence each. */
  readonly changes: readonly string[];
  /** e.g. "waits for run 4QX7B on the same CI"; '' otherwise. */
  readonly waiting: string;
  /** How far the running step is. Times are ISO 8601, UTC. */
  readonly progress?: {
    readonly since: string;
    /** When somebody last looked, and what its log ended with. */
    readonly at?: string;
    readonly lines?: string;
    /** The job's page at its target. */
    readonly link?: { readonly target: string; readonly url: string };
  };
  /** Everything is stopped: by whom and why. */
  readonly halted?: { readonly by: string; readonly reason: string };
  /** What a machine suggested, said as that. */
  readonly suggestion?: EventData<'run-proposed'>['suggestion'];
  readonly outcome?: {
    readonly name: Outcome;
    readonly tone: 'good' | 'neutral' | 'warning' | 'attention';
    readonly reason: string;
    readonly nextAction: string;
  };
  /** The run this one continues. */
  readonly resumes?: {
    readonly code: string;
    /** How that one ended, and what somebody has said about it since. */
    readonly after: string;
    /** The title of the step it begins with. */
    readonly from: string;
    /** What is otherwise now than it was then, one sentence each. */
    readonly changes: readonly string[];
  };
  /** A step of which nobody knows whether it ran: its title, and who has said what about it. */
  readonly unknown?: {
    readonly step: string;
    readonly said?: { readonly by: string; readonly what: string; readonly reason: string };
  };
  /** What is left of it may be run, or is run by the run with this code. */
  readonly rest?:
    | { readonly is: 'offered' }
    | { readonly is: 'continued'; readonly code: string; readonly by: string };
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly updatedAt: string;
};
