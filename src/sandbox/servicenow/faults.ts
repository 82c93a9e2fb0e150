import { z } from 'zod';
import { type Answer, type Asked, failure, json, objectOf } from './http.ts';

/** Something that goes wrong on purpose. */
const Fault = z.strictObject({
  /** Requests whose path starts with this. */
  path: z.string().default('/api/'),
  method: z.string().optional(),
  /** How many requests it hits before it is used up. */
  times: z.number().int().min(1).max(1_000_000).default(1),
  latencyMs: z.number().int().min(0).max(120_000).default(0),
  /** Answer with this instead of doing the work. */
  status: z.number().int().min(100).max(599).optional(),
  headers: z.record(z.string(), z.string()).default({}),
  /** A body as it is; without it the usual error body. */
  body: z.string().optional(),
  /** Close the connection instead of answering: before the work is done, or after it was committed. */
  drop: z.enum(['before', 'after']).optional(),
});
export type Fault = z.infer<typeof Fault>;

export type Faults = {
  /** The fault that hits this request, counted as used. */
  take(method: string, path: string): Fault | undefined;
  /** Counts a request for GET /__sandbox/requests. */
  count(method: string, path: string): void;
  /** Answers /__sandbox/...; undefined for other paths. */
  admin(asked: Asked): Answer | undefined;
};

/** Faults on demand and a count of requests, both behind /__sandbox. */
export function faults(): Faults {
  let active: { readonly fault: Fault; left: number }[] = [];
  const counts = new Map<string, number>();

  const set = (asked: Asked): Answer => {
    // A JSON content type keeps pages of other origins out: their browser would have to ask first, and is refused.
    if (!(asked.headers['content-type'] ?? '').startsWith('application/json'))
      return failure(415, 'Unsupported Media Type', 'send the fault as application/json');
    const fault = Fault.safeParse(objectOf(asked.body));
    if (!fault.success) return failure(400, 'Bad Request', z.prettifyError(fault.error));
    active.push({ fault: fault.data, left: fault.data.times });
    return json(201, fault.data);
  };

  return {
    take(method, path) {
      const hit = active.find(
        ({ fault }) => path.startsWith(fault.path) && (fault.method ?? method) === method,
      );
      if (hit === undefined) return undefined;
      hit.left -= 1;
      if (hit.left === 0) active = active.filter((one) => one !== hit);
      return hit.fault;
    },
    count(method, path) {
      const key = `${method} ${path.replaceAll(/[0-9a-f]{32}/g, ':sys_id')}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    },
    admin(asked) {
      if (!asked.path.startsWith('/__sandbox/')) return undefined;
      switch (`${asked.method} ${asked.path}`) {
        case 'POST /__sandbox/faults':
          return set(asked);
        case 'GET /__sandbox/faults':
          return json(
            200,
            active.map(({ fault, left }) => ({ ...fault, left })),
          );
        case 'DELETE /__sandbox/faults':
          active = [];
          return { status: 204 };
        case 'GET /__sandbox/requests':
          return json(200, Object.fromEntries([...counts].toSorted()));
        default:
          return failure(404, 'Not found');
      }
    },
  };
}
