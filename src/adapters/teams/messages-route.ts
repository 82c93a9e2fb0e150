import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Admitted, InboundRequest } from './admission.ts';
import type { Handled } from './handle.ts';

/** Handles an admitted activity; `reply` says false when the HTTP answer is out already. */
export type RunTurn = (
  admitted: Extract<Admitted, { ok: true }>,
  reply: (body: Handled) => boolean,
) => Promise<void>;

export type MessagesRouteOptions = {
  readonly admit: (request: InboundRequest) => Promise<Admitted>;
  readonly turn: RunTurn;
  /** What could not even be answered. */
  readonly failed: (error: unknown) => void;
  readonly deadlineMs: number;
};
type HttpAnswer = { readonly status: number; readonly body?: unknown };

/**
 * `POST /api/messages`. The caller gets an answer within the deadline; the turn goes on behind it, because Teams repeats
 * what is answered late and tells the person that it failed.
 */
export function messagesRoute({ admit, turn, failed, deadlineMs }: MessagesRouteOptions) {
  const running = new Set<Promise<void>>();
  const answered = async (admitted: Extract<Admitted, { ok: true }>): Promise<HttpAnswer> => {
    const { promise, resolve } = Promise.withResolvers<HttpAnswer>();
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      resolve(lateAnswer(admitted.activity.type));
    }, deadlineMs);
    const reply = (body: Handled) => {
      resolve(body === 'not-implemented' ? { status: 501 } : { status: 200, body });
      return !late;
    };
    const work = turn(admitted, reply).then(
      () => resolve({ status: 200 }),
      (error: unknown) => {
        failed(error);
        resolve({ status: 500 });
      },
    );
    running.add(work);
    void work.finally(() => running.delete(work));
    return promise.finally(() => clearTimeout(timer));
  };
  return {
    async process(
      request: IncomingMessage & { readonly body?: unknown },
      response: ServerResponse,
    ): Promise<void> {
      const { method, headers, body, socket } = request;
      const admitted = await admit({ method, headers, body, remoteAddress: socket.remoteAddress });
      send(response, admitted.ok ? await answered(admitted) : { status: admitted.status });
    },
    async settled(): Promise<void> {
      while (running.size > 0) await Promise.all(running);
    },
  };
}

function lateAnswer(type: string): HttpAnswer {
  if (type !== 'invoke') return { status: 200 };
  const value = 'Received. Handrail is still working on it; the card will update.';
  return {
    status: 200,
    body: { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value },
  };
}

// One call after the other: restify's writeHead answers nothing, so nothing can be chained to it.
function send(response: ServerResponse, { status, body }: HttpAnswer): void {
  if (body === undefined) {
    response.writeHead(status);
    response.end();
    return;
  }
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(body));
}
