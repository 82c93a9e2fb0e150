import { z } from 'zod';

/** What a sandbox server shall do wrong. Fields combine; the fault is used up after `times` requests. */
export const Fault = z.strictObject({
  method: z.string().optional(),
  /** Prefix of the request path; every path without it. */
  path: z.string().default('/'),
  times: z.number().int().min(1).default(1),
  /** Wait before the request is looked at. */
  latencyMs: z.number().int().min(0).max(600_000).default(0),
  /** Wait after the request was accepted and before it takes effect: the slow endpoint that registers late. */
  commitLatencyMs: z.number().int().min(0).max(600_000).default(0),
  /** Answer this instead of handling the request. */
  status: z.number().int().min(200).max(599).optional(),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.string().default(''),
  /** Handle the request, then close the connection without an answer. */
  dropAnswer: z.boolean().default(false),
});
export type Fault = z.infer<typeof Fault>;
type FaultInput = z.input<typeof Fault>;

/** The faults that are armed, first match first. */
export function faultList() {
  let armed: { fault: Fault; left: number }[] = [];
  return {
    arm: (fault: Fault) => void armed.push({ fault, left: fault.times }),
    clear: () => {
      armed = [];
    },
    take(method: string, path: string): Fault | undefined {
      const hit = armed.find(
        ({ fault }) => path.startsWith(fault.path) && (fault.method ?? method) === method,
      );
      if (hit === undefined) return undefined;
      hit.left -= 1;
      if (hit.left === 0) armed = armed.filter((one) => one !== hit);
      return hit.fault;
    },
  };
}

async function control(url: string, method: string, path: string, body?: FaultInput): Promise<Response> {
  const response = await fetch(`${url}/__sandbox/${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    signal: AbortSignal.timeout(5_000),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`sandbox control ${path} answered ${response.status}`);
  return response;
}

/** The remote control of a sandbox server, for tests and demonstrations. */
export const faultControl = (url: string) => ({
  arm: async (fault: FaultInput): Promise<void> => void (await control(url, 'POST', 'faults', fault)),
  clear: async (): Promise<void> => void (await control(url, 'DELETE', 'faults')),
  /** Requests so far by route, e.g. `POST /runs`. */
  requests: async (): Promise<Record<string, number>> =>
    z.record(z.string(), z.number()).parse(await (await control(url, 'GET', 'requests')).json()),
});
