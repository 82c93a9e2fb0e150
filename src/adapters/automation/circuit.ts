import { AppError } from '../../domain/errors.ts';
import type { Clock, Target } from '../../ports.ts';

/** Times are milliseconds since 1970. */
export type Circuit = { readonly is: 'closed'; readonly failures: number; readonly since: number } | Open;
/** Nothing new is launched before `until`. */
type Open = { readonly is: 'open'; readonly since: number; readonly until: number };

export type Limits = {
  /** So many calls in a row without an answer open it; 3 unless told. */
  readonly failures?: number;
  /** Milliseconds until the target is asked whether it is back; 30 s unless told. */
  readonly openMs?: number;
};

export const closed: Circuit = { is: 'closed', failures: 0, since: 0 };

/** One more call that the target did not answer. What fails while it is open changes nothing: somebody asks again anyway. */
export function afterFailure(
  circuit: Circuit,
  now: number,
  { failures: most = 3, openMs = 30_000 }: Limits,
): Circuit {
  if (circuit.is === 'open') return circuit;
  const failures = circuit.failures + 1;
  const since = circuit.failures === 0 ? now : circuit.since;
  return failures < most ? { is: 'closed', failures, since } : { is: 'open', since, until: now + openMs };
}

/** The target was asked whether it is back, and is not. */
export const reopened = (since: number, now: number, { openMs = 30_000 }: Limits): Open => ({
  is: 'open',
  since,
  until: now + openMs,
});

/** No execution has this id, so looking for it costs one request and finds nothing. */
const NOBODY = '00000000-0000-0000-0000-000000000000';

/**
 * The same target, but once it has left several calls in a row without an answer, new launches are refused at once for a
 * while, then as soon as it is well again they pass. What is running is asked about, stopped and read all the same.
 */
export function withCircuit(target: Target, clock: Clock, limits: Limits = {}): Target {
  const { preflight, underWay, tail, link, artifacts, health } = target;
  let circuit = closed;
  let asking: Promise<string> | undefined;
  const now = () => clock.now().getTime();

  /** Lets a call through and learns from it whether the target answers. */
  async function watched<T>(call: () => Promise<T>): Promise<T> {
    try {
      const answer = await call();
      circuit = closed;
      return answer;
    } catch (error) {
      if (error instanceof AppError && error.code === 'target-unreachable')
        circuit = afterFailure(circuit, now(), limits);
      if (error instanceof AppError && error.code === 'target-refused') circuit = closed;
      throw error;
    }
  }

  /** All who come while it is asked share the answer. */
  async function admit(): Promise<void> {
    if (circuit.is === 'closed') return;
    if (now() < circuit.until) throw silent(target.name, circuit, '');
    const { since } = circuit;
    asking ??= troubleOf(target).finally(() => {
      asking = undefined;
    });
    const why = await asking;
    if (why === '') {
      circuit = closed;
      return;
    }
    const open = reopened(since, now(), limits);
    circuit = open;
    throw silent(target.name, open, why);
  }

  async function admitted<T>(call: () => Promise<T>): Promise<T> {
    await admit();
    return watched(call);
  }

  return {
    name: target.name,
    idempotent: target.idempotent,
    launch: (launch) => admitted(() => target.launch(launch)),
    find: (executionId) => watched(() => target.find(executionId)),
    poll: (externalId) => watched(() => target.poll(externalId)),
    ...(underWay && { underWay: (externalIds) => watched(() => underWay(externalIds)) }),
    cancel: (externalId) => watched(() => target.cancel(externalId)),
    log: (externalId) => watched(() => target.log(externalId)),
    ...(tail && { tail: (externalId) => watched(() => tail(externalId)) }),
    ...(link && { link }),
    ...(preflight && { preflight: (launch) => admitted(() => preflight(launch)) }),
    ...(artifacts && { artifacts: (externalId) => watched(() => artifacts(externalId)) }),
    ...(health && { health }),
  };
}

/** Why it is not well; '' when it is. */
async function troubleOf(target: Target): Promise<string> {
  try {
    if (target.health === undefined) await target.find(NOBODY);
    const well = (await target.health?.()) ?? { ok: true as const };
    return well.ok ? '' : well.why;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return error.code === 'target-unreachable' ? error.message : '';
  }
}

const silent = (name: string, { since, until }: Open, why: string) =>
  new AppError({
    code: 'target-unreachable',
    message: `target ${name} has not answered since ${new Date(since).toISOString()}${why && `: ${why}`}`,
    fix: `Check that ${name} is up and can be reached from here; it is asked again after ${new Date(until).toISOString()}.`,
    retryable: true,
  });
