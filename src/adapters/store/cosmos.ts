import { randomUUID } from 'node:crypto';
import type { AppError } from '../../domain/errors.ts';
import type { Clock } from '../../ports.ts';
import { type CosmosSettings, checkAccount, connect, createContainers } from './cosmos-account.ts';
import { createAudit, type Doc, getDoc, listSql, putDoc, removeDoc, toStored } from './cosmos-docs.ts';
import { cosmosFailure } from './cosmos-errors.ts';
import { checkItem, type Item, type Store, toPage } from './store.ts';

/**
 * The two containers of a Cosmos DB database. Nothing is sent before `ready` or the first operation.
 * A write whose answer was lost is looked up by the mark it carries, never sent again blindly.
 */
export async function openCosmosStore(settings: CosmosSettings, clock: Clock): Promise<Store> {
  const client = await connect(settings);
  const database = client.database(settings.database);
  const containers = { audit: database.container('audit'), state: database.container('state') };
  const { audit, state } = containers;
  const now = () => clock.now().getTime();

  const toDoc = (item: Item): Doc => {
    const expires = item.ttl === undefined ? {} : { expires: now() + item.ttl * 1000 };
    return { ...item, ...expires, write: randomUUID() };
  };

  /** The etag of our write when it turns out to have been carried out; otherwise its failure stands. */
  async function lostAnswer(doc: Doc, failure: AppError): Promise<string> {
    // a look-up that fails too settles nothing: the first failure, which says "maybe applied", is the one to tell
    const there = await getDoc(state, doc.pk, doc.id, now()).catch(() => undefined);
    if (there?.write !== doc.write) throw failure;
    return String(there._etag);
  }

  return {
    ready: () =>
      reading('open the database', async () => {
        if (settings.create === true) await createContainers(client, settings.database);
        await checkAccount(client, containers);
      }),
    async append(items) {
      for (const item of items) checkItem('audit', item);
      for (const item of items) if ((await createAudit(audit, toDoc(item))) === 'exists') return 'exists';
      return 'stored';
    },
    async get(container, pk, id) {
      const doc = await reading(`read ${pk}`, () => getDoc(containers[container], pk, id, now()));
      return doc === undefined ? undefined : toStored(doc);
    },
    async put(item, when) {
      checkItem('state', item);
      const doc = toDoc(item);
      try {
        return await putDoc(state, doc, when, now());
      } catch (error) {
        const failure = cosmosFailure(error, `write ${item.pk}`, true);
        if (!failure.maybeApplied) throw failure;
        return { ok: true, etag: await lostAnswer(doc, failure) };
      }
    },
    async remove(pk, id, etag) {
      try {
        return await removeDoc(state, pk, id, etag);
      } catch (error) {
        throw cosmosFailure(error, `remove ${pk}`, true);
      }
    },
    list: (container, query) =>
      reading(`list ${container}`, async () => {
        const feed = query.pk === undefined ? {} : { partitionKey: query.pk };
        const found = await containers[container].items.query<Doc>(listSql(query, now()), feed).fetchAll();
        return toPage(found.resources.map(toStored), query.limit);
      }),
    async close() {
      client.dispose();
    },
  };
}

async function reading<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw cosmosFailure(error, what, false);
  }
}
