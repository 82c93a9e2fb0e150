import { z } from 'zod';
import { type DoorAddress, restateDoor } from './restate-door.ts';
import type { CommandRef, Wake } from './restate-messages.ts';
import { Outcome } from './restate-messages.ts';
import { runObjectName } from './restate-run.ts';

export type RestateApi = {
  healthy(): Promise<boolean>;
  /** Hands a stored command to its run and waits for the outcome. The same id twice is one command. */
  command(runId: string, ref: CommandRef, withinMs: number): Promise<Outcome>;
  /** Sends a wake. With a key, the same key within the hour is sent once. */
  wake(runId: string, message: Wake, withinMs: number, key?: string): Promise<void>;
  /**
   * Makes the handlers at this address the ones that are called. With `move`, calls that were begun at an earlier
   * address go on at this one; without it they stay with the address they began at.
   */
  register(uri: string, options: { readonly move: boolean; readonly withinMs: number }): Promise<void>;
  close(): Promise<void>;
};

const Deployments = z.object({ deployments: z.array(z.object({ id: z.string() })) });

const target = (runId: string, handler: string): string =>
  `${runObjectName}/${encodeURIComponent(runId)}/${handler}`;

/** The parts of Restate's HTTP interface that are used: https://docs.restate.dev/services/invocation/http */
export function restateApi(addresses: {
  readonly ingress: DoorAddress;
  readonly admin: DoorAddress;
}): RestateApi {
  const ingress = restateDoor(addresses.ingress);
  const admin = restateDoor(addresses.admin);

  async function earlierDeployment(withinMs: number): Promise<string | undefined> {
    const answer = await admin.ask({ method: 'GET', path: '/deployments' }, withinMs);
    return Deployments.parse(answer).deployments.at(-1)?.id;
  }

  return {
    async healthy() {
      return (await admin.isHealthy('/health')) && (await ingress.isHealthy('/restate/health'));
    },
    async command(runId, ref, withinMs) {
      const path = `/restate/call/${target(runId, 'command')}`;
      const headers = { 'idempotency-key': ref.command };
      return Outcome.parse(await ingress.ask({ method: 'POST', path, body: ref, headers }, withinMs));
    },
    async wake(runId, message, withinMs, key) {
      const path = `/restate/send/${target(runId, 'drive')}`;
      const headers = key === undefined ? {} : { 'idempotency-key': key };
      await ingress.ask({ method: 'POST', path, body: message, headers }, withinMs);
    },
    async register(uri, { move, withinMs }) {
      const earlier = move ? await earlierDeployment(withinMs) : undefined;
      // Without `force` or `overwrite` the handlers at a known address are not read again.
      if (earlier === undefined) {
        await admin.ask({ method: 'POST', path: '/deployments', body: { uri, force: true } }, withinMs);
      } else {
        const path = `/deployments/${earlier}`;
        await admin.ask({ method: 'PATCH', path, body: { uri, overwrite: true } }, withinMs);
      }
    },
    async close() {
      await Promise.all([ingress.close(), admin.close()]);
    },
  };
}
