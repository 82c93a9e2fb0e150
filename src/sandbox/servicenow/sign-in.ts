import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { type Answer, type Asked, failure, json } from './http.ts';

export type SandboxUser = {
  readonly user: string;
  readonly password: string;
  /** Tables this user gets 403 for, e.g. sys_journal_field as integration users often do. */
  readonly deniedTables?: readonly string[];
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

/** Basic users and OAuth tokens. Tokens are in memory: a restart makes every client log in again. */
export function signIn(settings: Settings): SignIn {
  const tokens = new Map<
    string,
    { readonly user: string; readonly client: string; readonly until: number }
  >();

  const basic = (encoded: string): string | undefined => {
    const [user = '', ...rest] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
    const known = settings.users.find((one) => one.user === user);
    return known !== undefined && same(known.password, rest.join(':')) ? user : undefined;
  };
  const bearer = (token: string): string | undefined => {
    const known = tokens.get(token);
    return known !== undefined && known.until > settings.now().getTime() ? known.user : undefined;
  };

  const grant = (client: OAuthClient): Answer => {
    const now = settings.now().getTime();
    // The same token is given out until it expires, as the real one does.
    const live = [...tokens].find(([, held]) => held.client === client.clientId && held.until > now);
    const [token, held] = live ?? [
      randomBytes(32).toString('base64url'),
      { user: client.user, client: client.clientId, until: now + settings.tokenSeconds * 1_000 },
    ];
    tokens.set(token, held);
    const left = Math.floor((held.until - now) / 1_000);
    return json(200, {
      access_token: token,
      scope: 'useraccount',
      token_type: 'Bearer',
      expires_in: left,
    });
  };

  return {
    identify(headers) {
      const [, scheme = '', value = ''] = /^(Basic|Bearer) (\S+)$/.exec(headers.authorization ?? '') ?? [];
      if (scheme === '')
        return failure(401, 'User is not authenticated', 'Required to provide Auth information', {
          'www-authenticate': 'Basic realm="Service-now"',
        });
      const user = scheme === 'Basic' ? basic(value) : bearer(value);
      return (
        user ??
        failure(401, 'User is not authenticated', 'Required to provide Auth information', {
          'www-authenticate': 'Basic realm="Service-now"',
        })
      );
    },
    token(asked) {
      const form = new URLSearchParams(asked.body.toString('utf8'));
      const type = asked.headers['content-type'] ?? '';
      if (!type.startsWith('application/x-www-form-urlencoded'))
        return oauthError('server_error', 'invalid request');
      const client = settings.clients.find((one) => one.clientId === form.get('client_id'));
      if (client === undefined || !same(client.clientSecret, form.get('client_secret') ?? ''))
        return oauthError('invalid_client', 'access_denied');
      if (form.get('grant_type') !== 'client_credentials') return oauthError('server_error', 'access_denied');
      return grant(client);
    },
  };
}
