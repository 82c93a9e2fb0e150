import { AppError } from '../../domain/errors.ts';
import type { Clock, StateStore, Stored } from '../../ports.ts';
import { inUse } from './lock.ts';

export type LeaseSettings = {
  /** Who holds it, for the message to the next one: unique for each process. */
  readonly holder: string;
  /** How long the lease outlives its holder, seconds. It is renewed three times in that time. */
  readonly seconds: number;
  /** Called once when somebody else has the lease or it ran out without being renewed: stop acting. */
  readonly lost?: ((error: AppError) => void) | undefined;
};

const place = { pk: 'lease:store', id: 'owner' } as const;

/**
 * Takes a shared store for this process alone, as an item with an expiry that a timer renews, and answers how to
 * give it back. Throws AppError `store-in-use` while somebody else's lease is live.
 */
export async function leaseStore(
  state: StateStore,
  clock: Clock,
  { holder, seconds, lost }: LeaseSettings,
): Promise<() => Promise<void>> {
  let etag = '';
  let expires = 0;
  let renewal: Promise<void> = Promise.resolve();

  const isOurs = (stored: Stored): boolean => holderOf(stored) === holder;

  async function write(when: 'new' | { readonly etag: string }): Promise<boolean> {
    const until = clock.now().getTime() + seconds * 1000;
    const body = { holder, expires: new Date(until).toISOString() };
    const written = await state.put({ ...place, kind: 'lease', k: place.id, ttl: seconds, body }, when);
    if (!written.ok) return false;
    etag = written.etag;
    expires = until;
    return true;
  }

  async function take(): Promise<void> {
    if (await write('new')) return;
    const there = await state.get(place.pk, place.id);
    const left = there === undefined || isOurs(there) ? 0 : expiryOf(there) - clock.now().getTime();
    if (left > 0) throw inUse(`this store is used by ${holderOf(there)}`, left);
    if (!(await write(there === undefined ? 'new' : { etag: there.etag })))
      throw inUse('another process has just taken this store');
  }

  async function renew(): Promise<void> {
    try {
      if (await write({ etag })) return;
      const there = await state.get(place.pk, place.id);
      if (there === undefined || !isOurs(there)) return stop(undefined);
      // an earlier renewal was carried out although no answer came
      etag = there.etag;
    } catch (error) {
      // unreachable for now: the next beat tries again as long as the lease runs
      if (!(error instanceof AppError && error.retryable) || clock.now().getTime() >= expires) stop(error);
    }
  }

  function stop(cause: unknown): void {
    clearInterval(timer);
    lost?.(
      new AppError({
        code: 'store-in-use',
        message: `the lease of ${holder} on the store is lost`,
        fix: 'This process stops acting on the store. Start it again once no other Handrail uses the store.',
        cause,
      }),
    );
  }

  await take();
  const timer = setInterval(
    () => {
      renewal = renewal.then(renew);
    },
    (seconds * 1000) / 3,
  ).unref();

  return async () => {
    clearInterval(timer);
    await renewal;
    await state.remove(place.pk, place.id, etag);
  };
}

function bodyOf(stored: Stored | undefined): Readonly<Record<string, unknown>> {
  const body = stored?.item.body;
  return body !== null && typeof body === 'object' ? { ...body } : {};
}

/** A lease nobody can read is treated as run out. */
const expiryOf = (stored: Stored): number => Date.parse(String(bodyOf(stored)['expires'])) || 0;
const holderOf = (stored: Stored | undefined): string =>
  String(bodyOf(stored)['holder'] ?? 'another process');
