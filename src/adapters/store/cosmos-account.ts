import type { CosmosClient, Container as CosmosContainer } from '@azure/cosmos';
import { AppError } from '../../domain/errors.ts';
import type { Container } from './store.ts';

export type CosmosSettings = {
  readonly endpoint: string;
  /** Account key. Without one the process's own identity is used (DefaultAzureCredential). */
  readonly key?: string | undefined;
  readonly database: string;
  /** Make the database and its containers. Needs a key: data roles do not allow it. */
  readonly create?: boolean | undefined;
};

const invalid = (message: string, fix: string) => new AppError({ code: 'config-invalid', message, fix });

/** A client of the account. The SDK (1.4 s to load) is imported here and not before. */
export async function connect({ endpoint, key }: CosmosSettings): Promise<CosmosClient> {
  const url = new URL(endpoint);
  const local = url.protocol === 'http:' || ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (key === undefined && url.protocol !== 'https:')
    throw invalid(
      'a Cosmos DB endpoint without https takes a key only',
      'Use the https endpoint of the account, or set the key of the emulator.',
    );
  const { CosmosClient } = await import('@azure/cosmos');
  const identity = key === undefined ? { aadCredentials: await ownIdentity() } : { key };
  return new CosmosClient({
    endpoint,
    ...identity,
    connectionPolicy: {
      requestTimeout: 10_000,
      // an emulator names an address of its own that need not be reachable from here
      enableEndpointDiscovery: !local,
      retryOptions: { maxRetryAttemptCount: 9, maxWaitTimeInSeconds: 10 },
    },
  });
}

async function ownIdentity() {
  const { DefaultAzureCredential } = await import('@azure/identity');
  return new DefaultAzureCredential();
}

/** Makes the database and its containers where they are missing. `state` lets items expire, `audit` never does. */
export async function createContainers(client: CosmosClient, name: string): Promise<void> {
  const { database } = await client.databases.createIfNotExists({ id: name });
  const partitionKey = { paths: ['/pk'], version: 2 };
  await database.containers.createIfNotExists({ id: 'audit', partitionKey });
  await database.containers.createIfNotExists({ id: 'state', partitionKey, defaultTtl: -1 });
}

/** Refuses an account on which the guarantees of the log would not hold. Throws AppError `config-invalid`. */
export async function checkAccount(
  client: CosmosClient,
  containers: Readonly<Record<Container, CosmosContainer>>,
): Promise<void> {
  const { resource: account } = await client.getDatabaseAccount();
  if (account?.enableMultipleWritableLocations === true)
    throw invalid(
      'this Cosmos DB account accepts writes in several regions',
      'Turn multi-region writes off: with them two approvals of one run could both be accepted.',
    );
  for (const [name, container] of Object.entries(containers)) {
    const { resource } = await container.read();
    if (resource?.partitionKey?.paths.join() !== '/pk')
      throw invalid(
        `container ${name} is not partitioned by /pk`,
        'Create the containers as infra/ declares them.',
      );
    if (name === 'audit' && resource.defaultTtl !== undefined)
      throw invalid(
        'container audit has a time to live',
        'Turn its time to live off: the log never expires.',
      );
  }
}
