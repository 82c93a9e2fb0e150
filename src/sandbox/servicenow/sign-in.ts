import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Rights } from './access.ts';
import { type Answer, type Asked, failure, json } from './http.ts';

export type SandboxUser = Rights & {
  readonly user: string;
  readonly password: string;
  /** For the header x-sn-apikey. */
  readonly apiKey?: string;
};
export type OAuthClient = {
  readonly clientId: string;
  readonly clientSecret: string;
  /** The "OAuth Application User" the client acts as. */
  readonly user: string;
};
type Settings = {
  readonly users: readonly SandboxUser[];
  readonly clients: readonly OAuthClient[];
  readonly tokenSeconds: number;
  now(): Date;
};

export type SignIn = {
  /** The user behind an Authorization header, or a 401. */
  identify(headers: IncomingHttpHeaders): string | Answer;
  /** POST /oauth_token.do */
  token(asked: Asked): Answer;
};

const same = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
const oauthError = (error: string, description: string): Answer =>
  json(401, { error, error_description: description });

type Grant = { readonly user: string; readonly client: string; readonly until: number };
const refreshSeconds = 8_640_000;

/** Tokens of one kind. The same one is given out until it expires, as the real one does. */
function tokens(now: () => number) {
  const held = new Map<string, Grant>();
  return {
    issue(user: string, client: string, seconds: number): { readonly token: string; readonly left: number } {
      const known = [...held].find(
        ([, one]) => one.client === client && one.user === user && one.until > now(),
      );
      const [token, grant] = known ?? [
        randomBytes(32).toString('base64url'),
        { user, client, until: now() + seconds * 1_000 },
      ];
      held.set(token, grant);
      return { token, left: Math.floor((grant.until - now()) / 1_000) };
    },
    holder(token: string): Grant | undefined {
      const grant = held.get(token);
      return grant !== undefined && grant.until > now() ? grant : undefined;
    },
  };
}

/** Basic users, API keys and OAuth tokens. Tokens are in memory: a restart makes every client log in again. */
export function signIn(settings: Settings): SignIn {
  const now = () => settings.now().getTime();
  const [access, refresh] = [tokens(now), tokens(now)];

  const withPassword = (user: string, password: string): string | undefined => {
    const known = settings.users.find((one) => one.user === user);
    return known !== undefined && same(known.password, password) ? user : undefined;
  };
  const withKey = (key: string): string | undefined =>
    settings.users.find(({ apiKey }) => apiKey !== undefined && same(apiKey, key))?.user;
  const callerOf = (headers: IncomingHttpHeaders): string | undefined => {
    const key = headers['x-sn-apikey'];
    if (typeof key === 'string') return withKey(key);
    const [, scheme, value = ''] = /^(Basic|Bearer) (\S+)$/.exec(headers.authorization ?? '') ?? [];
    if (scheme === 'Bearer') return access.holder(value)?.user;
    const [user = '', ...rest] = Buffer.from(value, 'base64').toString('utf8').split(':');
    return withPassword(user, rest.join(':'));
  };

  const grant = (user: string, { clientId }: OAuthClient, refreshable: boolean): Answer => {
    const { token, left } = access.issue(user, clientId, settings.tokenSeconds);
    const again = refreshable ? { refresh_token: refresh.issue(user, clientId, refreshSeconds).token } : {};
    const scope = { scope: 'useraccount', token_type: 'Bearer', expires_in: left };
    return json(200, { access_token: token, ...again, ...scope });
  };
  /** Who a form signs in; undefined when it signs in nobody. */
  const signedIn = (form: URLSearchParams, client: OAuthClient): string | undefined => {
    const held = refresh.holder(form.get('refresh_token') ?? '');
    switch (form.get('grant_type') ?? '') {
      case 'client_credentials':
        return client.user;
      case 'password':
        return withPassword(form.get('username') ?? '', form.get('password') ?? '');
      case 'refresh_token':
        return held?.client === client.clientId ? held.user : undefined;
      default:
        return undefined;
    }
  };

  return {
    identify: (headers) =>
      callerOf(headers) ??
      failure(401, 'User is not authenticated', 'Required to provide Auth information', {
        'www-authenticate': 'Basic realm="Service-now"',
      }),
    token(asked) {
      const form = new URLSearchParams(asked.body.toString('utf8'));
      const type = asked.headers['content-type'] ?? '';
      if (!type.startsWith('application/x-www-form-urlencoded'))
        return oauthError('server_error', 'invalid request');
      const client = settings.clients.find((one) => one.clientId === form.get('client_id'));
      if (client === undefined || !same(client.clientSecret, form.get('client_secret') ?? ''))
        return oauthError('invalid_client', 'access_denied');
      const user = signedIn(form, client);
      return user === undefined
        ? oauthError('server_error', 'access_denied')
        : grant(user, client, form.get('grant_type') !== 'client_credentials');
    },
  };
}
