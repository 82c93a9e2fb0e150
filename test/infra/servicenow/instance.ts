import { once } from 'node:events';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import type { Exchange } from './instance/glide.ts';
import type { Doors } from './instance/worker.ts';

type Request = Parameters<Exchange>[0];

export type Instance = {
  readonly [door in keyof Doors]: (...args: Parameters<Doors[door]>) => Promise<ReturnType<Doors[door]>>;
} & {
  /** What left the instance. */
  readonly sent: Request[];
  /** The DNS: turns the https address of an event into one on this machine. */
  route(url: string): string;
  stop(): Promise<void>;
};

/** Starts an instance with the built application; `reset` makes it new. Its requests leave over real HTTP. */
export async function startInstance(): Promise<Instance> {
  const calls = new MessageChannel();
  const network = new MessageChannel();
  const signal = new Int32Array(new SharedArrayBuffer(4));
  const sent: Request[] = [];
  network.port1.on('message', (request: Request) => {
    sent.push(request);
    void carry(request, instance.route).then((answer) => {
      network.port1.postMessage(answer);
      Atomics.store(signal, 0, 1);
      Atomics.notify(signal, 0);
    });
  });
  const worker = new Worker(new URL('./instance/worker.ts', import.meta.url), {
    workerData: { calls: calls.port2, network: network.port2, signal },
    transferList: [calls.port2, network.port2],
  });
  await Promise.race([next(calls.port1), once(worker, 'error').then(([error]) => Promise.reject(error))]);
  const call =
    (door: keyof Doors) =>
    async (...args: unknown[]) => {
      calls.port1.postMessage({ door, args });
      return next(calls.port1);
    };
  const doors = 'reset save work job press meanwhile age property rows told'.split(' ') as (keyof Doors)[];
  const instance: Instance = {
    ...(Object.fromEntries(doors.map((door) => [door, call(door)])) as unknown as Instance),
    sent,
    route: (url) => url,
    async stop() {
      calls.port1.close();
      network.port1.close();
      await worker.terminate();
    },
  };
  return instance;
}

async function next(port: MessagePort): Promise<unknown> {
  const [{ value, error }] = await once(port, 'message');
  if (error !== undefined) throw error;
  return value;
}

async function carry(request: Request, route: (url: string) => string): Promise<ReturnType<Exchange>> {
  try {
    const response = await fetch(route(request.url), {
      method: 'POST',
      headers: request.headers,
      body: request.body,
      redirect: 'manual',
      signal: AbortSignal.timeout(request.timeoutMs),
    });
    const body = await response.text();
    return { status: response.status, error: '', body, headers: Object.fromEntries(response.headers) };
  } catch (error) {
    return {
      status: 0,
      error: error instanceof Error ? error.message : String(error),
      body: '',
      headers: {},
    };
  }
}
