/** Every incident of the bench has a number; all names of its records are made from it, so that nobody keeps a list. */
const hex = (kind: string, n: number): string => kind + n.toString(16).padStart(31, '0');

export const incidentId = (n: number): string => hex('a', n);
export const ciId = (n: number): string => hex('c', n);
export const serviceId = (n: number): string => hex('d', n);
export const incidentNumber = (n: number): string => `INC${String(n).padStart(7, '0')}`;
export const poolOf = (n: number): string => `pool-${n}`;
export const runIdOf = (n: number, job: string): string => `run-${n}-${job}`;

export const fromId = (sysId: string): number => Number.parseInt(sysId.slice(1), 16);
/** The number of the incident a text names first; NaN when it names none. */
export const fromText = (text: string): number => Number(/INC(\d{7})/.exec(text)?.[1] ?? Number.NaN);
export const fromPool = (pool: unknown): number => Number(/^pool-(\d+)$/.exec(String(pool))?.[1]);
export const fromRunId = (id: string): number => Number(/^run-(\d+)-/.exec(id)?.[1]);

/** Milliseconds on the clock that all processes of a machine share: wall clocks are set back, this one is not. */
export const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;

/** The jobs of the runbook; the second one changes something. */
export const jobs = { diagnostics: 'iis-snapshot-logs', remediation: 'iis-recycle-pool' } as const;
export const tenantId = '11111111-1111-4111-8111-111111111111';
export const channel = '19:incidents@thread.tacv2';
export const approvers = '5b0f3c1e-0000-4000-8000-000000000002';
export const arne = { id: '6c1d0000-0000-4000-8000-000000000002', name: 'Arne Approver' };
export const integrationUser = 'handrail.integration';
export const author = '6c1d0000-0000-4000-8000-000000000007';
