import { createServer as createHttpServer, type Server as HttpServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InboxEntry } from '../../../src/domain/inbox.ts';
import { intake } from '../../../src/flow/intake.ts';
import { createServer, listen } from '../../../src/server.ts';
import { outside, startProcess, tempFile } from '../../fakes/flow.ts';
import type { Instance } from './instance.ts';

const secretOf = (byte: number): string => `whsec_${Buffer.alloc(32, byte).toString('base64')}`;
export const [first, second] = [secretOf(1), secretOf(2)];
export const sysId = 'a'.repeat(32);

export type Stage = Awaited<ReturnType<typeof openStage>>;

/** An instance whose settings point at a real Handrail: its HTTP server and intake, on SQLite. */
export async function openStage(instance: Instance) {
  const temp = tempFile();
  const process = await startProcess(outside(), temp.file);
  const servers: HttpServer[] = [];
  let address = '';
  await instance.reset();
  instance.sent.length = 0;
  instance.route = (url) => url.replace('https://handrail.example', address);
  const set = (name: string, value: string) => instance.property(`x_handrail.${name}`, value);
  /** Handrail starts (again) with these secrets. */
  const handrail = async (...webhookSecrets: string[]): Promise<void> => {
    const server = createServer({
      messages: async (_req, res) => void res.send(404),
      intake: intake(process.deps),
      webhookSecrets,
      ready: async () => true,
      report: () => undefined,
    });
    servers.push(server.server as HttpServer);
    address = `http://127.0.0.1:${await listen(server, 0, '127.0.0.1')}`;
  };
  await handrail(first);
  await set('active', 'true');
  await set('endpoint', 'https://handrail.example/api/servicenow/events');
  await set('secret', first);
  await set('integration_user', 'Handrail');
  await set('tag_rule', 'category=software^stateIN1,2');

  return {
    process,
    set,
    handrail,
    address: () => address,
    /** From now on something else answers. */
    async instead(answer: RequestListener): Promise<void> {
      const server = createHttpServer(answer);
      servers.push(server);
      await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
      address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    },
    /** Saves the incident of Handrail's world as a person (or whoever is named) does. */
    save: (fields: Record<string, string> = {}, user = 'beth') =>
      instance.save(
        'incident',
        { sys_id: sysId, number: 'INC0010023', category: 'software', state: '1', active: '1', ...fields },
        user,
      ),
    /** The scheduled script, after this many seconds have passed. */
    async tick(seconds = 0): Promise<void> {
      await instance.age(seconds);
      await instance.job('Handrail: send due events');
    },
    rows: () => instance.rows('x_handrail_outbox'),
    states: async () => (await instance.rows('x_handrail_outbox')).map((row) => row['state']),
    /** What Handrail has stored, by the id of the event. */
    async inbox(): Promise<Record<string, InboxEntry>> {
      const { items } = await process.deps.state.list({ where: { kind: 'inbox' }, limit: 500 });
      return Object.fromEntries(items.map(({ item }) => [item.id, InboxEntry.parse(item.body)]));
    },
    async close(): Promise<void> {
      for (const server of servers) {
        server.closeAllConnections();
        await new Promise((closed) => server.close(closed));
      }
      await process.store.close();
      temp.remove();
    },
  };
}
