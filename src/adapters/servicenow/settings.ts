import { AppError } from '../../domain/errors.ts';
import type { Mappings } from './mappings.ts';

export type ServiceNowSettings = {
  readonly baseUrl: string;
  readonly auth:
    | { readonly kind: 'basic'; readonly user: string; readonly password: string }
    | { readonly kind: 'oauth'; readonly clientId: string; readonly clientSecret: string };
  /** The user_name we write as. The app on the instance must know it too, so that our own updates raise no event. */
  readonly integrationUser: string;
  /** For each request. */
  readonly timeoutMs: number;
  /** Columns to read besides the usual ones; parameters may take their values from them. */
  readonly incidentColumns?: readonly string[];
  readonly ciColumns?: readonly string[];
  readonly mappings?: Partial<Mappings>;
  readonly retry?: Partial<Retry>;
};

export type Retry = {
  /** Pause before the first repeat; it doubles. */
  readonly pauseMs: number;
  /** A Retry-After longer than this is not waited for but handed to the caller. */
  readonly longestPauseMs: number;
  /** A call that took this long, its pauses included, is not repeated again. */
  readonly budgetMs: number;
};

export const defaultRetry: Retry = { pauseMs: 250, longestPauseMs: 5_000, budgetMs: 20_000 };

/** The instance's address without a trailing slash. Throws `config-invalid`. */
export function checkedBaseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const plain = url !== undefined && url.username === '' && url.search === '' && url.hash === '';
  if (plain && /^https?:$/.test(url.protocol)) return url.href.replace(/\/+$/, '');
  throw new AppError({
    code: 'config-invalid',
    message: 'the address of ServiceNow is not an http(s) URL',
    fix: 'Give the address of the instance alone, e.g. https://example.service-now.com.',
  });
}
