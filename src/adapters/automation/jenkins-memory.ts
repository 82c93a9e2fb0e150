type Known = {
  readonly job: string;
  /** The number of its build. */
  readonly number?: number;
  /** How long its log was at the last look. */
  readonly logBytes?: number;
  /** When it was first told to stop, in milliseconds since 1970. */
  readonly stoppedAt?: number;
  /** It waited too long to begin, so it was cancelled. */
  readonly late?: boolean;
};

const most = 5_000;

/**
 * What this process knows of executions, by execution id. Losing it costs requests, not the truth: everything can be
 * looked up again.
 */
export function executionMemory() {
  const known = new Map<string, Known>();
  return {
    get: (executionId: string): Known | undefined => known.get(executionId),
    note(executionId: string, what: Known): void {
      const before = known.get(executionId);
      known.delete(executionId);
      known.set(executionId, { ...before, ...what });
      const [oldest] = known.keys();
      if (known.size > most && oldest !== undefined) known.delete(oldest);
    },
  };
}
export type Memory = ReturnType<typeof executionMemory>;
