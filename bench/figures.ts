import type { Load, Taken } from './drive.ts';

/** What one round of one subject at one concurrency gave. */
export type Round = Load & {
  readonly subject: string;
  readonly concurrency: number;
  readonly cpuMs: number;
  /** CPU of processes the subject started, such as an engine's server. */
  readonly childrenCpuMs: number;
  readonly worldCpuMs: number;
  readonly peakRssMb: number;
  readonly childrenRssMb: number;
  readonly calls: Readonly<Record<string, number>>;
};

export type Percentiles = { readonly p50: number; readonly p95: number; readonly p99: number };
export type Figures = {
  readonly subject: string;
  readonly concurrency: number;
  readonly incidents: number;
  readonly failed: number;
  readonly eventsPerSecond: number;
  /** Milliseconds. */
  readonly eventToCard: Percentiles;
  readonly approveToRemediation: Percentiles;
  readonly endToEnd: Percentiles;
  readonly cpuMsPerEvent: number;
  readonly childrenCpuMsPerEvent: number;
  readonly worldCpuMsPerEvent: number;
  readonly peakRssMb: number;
  readonly childrenRssMb: number;
};

/** The value that this share of all values does not exceed (nearest rank). NaN without values. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** The middle value; of two middle ones the mean. NaN without values. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2;
}

const perSecond = ({ taken, ms }: Load): number => (1000 * taken.length) / ms;

/** Rates and costs are medians over the rounds; percentiles are of all incidents of all rounds together. */
export function figuresOf(rounds: readonly Round[]): Figures {
  const taken = rounds.flatMap((round) => round.taken);
  const times = (which: keyof Taken): Percentiles => {
    const values = taken.map((one) => one[which]);
    return { p50: percentile(values, 0.5), p95: percentile(values, 0.95), p99: percentile(values, 0.99) };
  };
  const perEvent = (which: 'cpuMs' | 'childrenCpuMs' | 'worldCpuMs'): number =>
    median(rounds.map((round) => round[which] / Math.max(1, round.taken.length)));
  return {
    subject: rounds[0]?.subject ?? '',
    concurrency: rounds[0]?.concurrency ?? 0,
    incidents: taken.length,
    failed: rounds.reduce((sum, round) => sum + round.failed.length, 0),
    eventsPerSecond: median(rounds.map(perSecond)),
    eventToCard: times('toCard'),
    approveToRemediation: times('toRemediation'),
    endToEnd: times('toEnd'),
    cpuMsPerEvent: perEvent('cpuMs'),
    childrenCpuMsPerEvent: perEvent('childrenCpuMs'),
    worldCpuMsPerEvent: perEvent('worldCpuMs'),
    peakRssMb: Math.max(...rounds.map((round) => round.peakRssMb)),
    childrenRssMb: Math.max(...rounds.map((round) => round.childrenRssMb)),
  };
}

export type Comparison = {
  readonly subject: string;
  readonly concurrency: number;
  /** Events a second, as a share of the bare flow's. */
  readonly throughput: number;
  /** The end-to-end median, in multiples of the bare flow's. */
  readonly endToEnd: number;
};

/** Compares round by round with the bare flow's round next to it, so that what else the machine does touches both. */
export function compare(bare: readonly Round[], other: readonly Round[]): Comparison {
  const pairs = bare.flatMap((one, n) => (other[n] === undefined ? [] : [[one, other[n]] as const]));
  const middle = ({ taken }: Load): number => median(taken.map((one) => one.toEnd));
  return {
    subject: other[0]?.subject ?? '',
    concurrency: other[0]?.concurrency ?? 0,
    throughput: median(pairs.map(([a, b]) => perSecond(b) / perSecond(a))),
    endToEnd: median(pairs.map(([a, b]) => middle(b) / middle(a))),
  };
}

/** Outbound calls an incident by kind, side by side. */
export function callsPerIncident(rounds: readonly Round[]): Readonly<Record<string, number>> {
  const incidents = rounds.reduce((sum, round) => sum + round.taken.length, 0);
  const sums: Record<string, number> = {};
  for (const { calls } of rounds)
    for (const [kind, count] of Object.entries(calls)) sums[kind] = (sums[kind] ?? 0) + count;
  return Object.fromEntries(
    Object.entries(sums)
      .toSorted(([a], [b]) => a.localeCompare(b))
      .map(([kind, count]) => [kind, count / Math.max(1, incidents)]),
  );
}

/** Rows of cells as text, numbers to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
