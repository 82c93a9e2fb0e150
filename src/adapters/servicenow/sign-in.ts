import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { Clock } from '../../ports.ts';
import type { Outgoing } from './client.ts';
import { type Call, explanation, failureOf, type HttpAnswer, nonsense, type Redact } from './failures.ts';
import type { ServiceNowSettings } from './settings.ts';
import type { Throttle } from './throttle.ts';

export type SignIn = {
  /** The value of the Authorization header. */
  header(): Promise<string>;
  /** After a 401: true when it is worth trying again with a new token. */
  renew(refused: string): boolean;
  /** Replaces every secret in a text. */
  redact(text: string): string;
};

type Exchange = (call: Call, out: Outgoing, redact: Redact) => Promise<HttpAnswer>;

const Token = z.object({ access_token: z.string().min(1), expires_in: z.coerce.number() });
const early = 60_000;
/** ServiceNow gives out the same token until it ends: near its end it is kept for a moment, not asked for at every call. */
const shortest = 5_000;
const call = { what: 'log-in', write: false };

/** Signs requests in. A token is asked for once, shared, and renewed a minute before it expires. */
export function signIn(
  auth: ServiceNowSettings['auth'],
  clock: Clock,
  exchange: Exchange,
  heed: Throttle['heed'],
): SignIn {
  if (auth.kind === 'basic') {
    const encoded = Buffer.from(`${auth.user}:${auth.password}`).toString('base64');
    return {
      header: () => Promise.resolve(`Basic ${encoded}`),
      renew: () => false,
      redact: (text) => hide(text, [auth.password, encoded]),
    };
  }
  let held: { readonly token: string; readonly until: number } | undefined;
  let asking: Promise<string> | undefined;
  const ask = async (): Promise<string> => {
    const redact = (text: string) => hide(text, [auth.clientSecret]);
    // A form: ServiceNow answers JSON here with an error that explains nothing.
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: auth.clientId,
      client_secret: auth.clientSecret,
    });
    const out = {
      method: 'POST',
      path: '/oauth_token.do',
      query: {},
      type: 'application/x-www-form-urlencoded',
      body: Buffer.from(form.toString()),
    } as const;
    const { access_token: token, expires_in } = await heed(call.what, out.path, async () =>
      tokenOf(await exchange(call, out, redact), redact),
    );
    const left = expires_in * 1_000;
    held = { token, until: clock.now().getTime() + Math.max(left - early, Math.min(left, shortest)) };
    return token;
  };
  const current = (): Promise<string> => {
    if (held !== undefined && clock.now().getTime() < held.until) return Promise.resolve(held.token);
    asking ??= ask().finally(() => {
      asking = undefined;
    });
    return asking;
  };
  return {
    header: async () => `Bearer ${await current()}`,
    renew(refused) {
      if (held !== undefined && refused === `Bearer ${held.token}`) held = undefined;
      return true;
    },
    redact: (text) => hide(text, [auth.clientSecret, held?.token ?? '']),
  };
}

/** Short secrets are hidden too; only the empty one is not a secret. */
const hide = (text: string, secrets: readonly string[]): string =>
  secrets.filter((secret) => secret !== '').reduce((shown, secret) => shown.replaceAll(secret, '***'), text);

function tokenOf(answer: HttpAnswer, redact: (text: string) => string): z.infer<typeof Token> {
  if (answer.status === 401 || answer.status === 400)
    throw new AppError({
      code: 'itsm-refused',
      message: `log-in: ServiceNow answered ${answer.status}, ${redact(explanation(answer))}`,
      fix: 'Check the OAuth client id and secret. ServiceNow also needs the property glide.oauth.inbound.client.credential.grant_type.enabled and an OAuth Application User on the client.',
    });
  if (answer.status !== 200) throw failureOf(call, answer, redact);
  const token = Token.safeParse(parsed(answer));
  if (!token.success) throw nonsense(call, answer);
  return token.data;
}

function parsed(answer: HttpAnswer): unknown {
  try {
    return JSON.parse(answer.body);
  } catch (error) {
    if (error instanceof SyntaxError) throw nonsense(call, answer);
    throw error;
  }
}
