import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Answer, Ask, Handler } from '../ops-api/loopback.ts';
import { page } from './pages.ts';

export type Account = {
  readonly user: string;
  /** An API token: requests with it need no crumb. */
  readonly token: string;
  /** With it the user may sign in by password; every POST needs a crumb then. */
  readonly password?: string;
};
const crumbField = 'Jenkins-Crumb';
const cookieName = 'JSESSIONID.sandbox';

const same = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

/**
 * Who may do what: Basic with the API token, or with the password and a crumb of the same session
 * (hudson.security.csrf.DefaultCrumbIssuer, jenkins.security.ApiCrumbExclusion).
 */
export function access({ user, token, password }: Account) {
  const salt = randomBytes(32);
  const basic = (secret: string) => `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`;
  const crumbOf = (session: string) => createHmac('sha256', salt).update(`${user} ${session}`).digest('hex');

  function who(ask: Ask): 'nobody' | 'stranger' | 'token' | 'password' {
    const given = ask.headers.authorization;
    if (given === undefined) return 'nobody';
    if (same(given, basic(token))) return 'token';
    return password !== undefined && same(given, basic(password)) ? 'password' : 'stranger';
  }

  const hasCrumb = (ask: Ask): boolean => {
    const session = sessionOf(ask);
    const crumb = String(ask.headers[crumbField.toLowerCase()] ?? '');
    return session !== undefined && same(crumb, crumbOf(session));
  };

  const guarded =
    (handler: Handler): Handler =>
    (ask) => {
      const caller = who(ask);
      if (caller === 'stranger')
        return page(401, 'Unauthorized', `Invalid password/token for user: ${user}`, {
          'www-authenticate': 'Basic realm="Jenkins"',
        });
      if (caller === 'password' && ask.method === 'POST' && !hasCrumb(ask))
        return page(403, 'Forbidden', 'No valid crumb was included in the request');
      if (caller === 'nobody')
        return page(403, 'Authentication required', 'Authentication required', {
          'x-you-are-authenticated-as': 'anonymous',
          'x-required-permission': 'hudson.model.Hudson.Read',
        });
      return handler(ask);
    };
  return {
    guarded,
    crumb: (ask: Ask): Answer => {
      const session = sessionOf(ask) ?? randomBytes(12).toString('hex');
      return {
        status: 200,
        headers: { 'set-cookie': `${cookieName}=${session}; Path=/; HttpOnly` },
        json: {
          _class: 'hudson.security.csrf.DefaultCrumbIssuer',
          crumb: crumbOf(session),
          crumbRequestField: crumbField,
        },
      };
    },
  };
}

const sessionOf = (ask: Ask): string | undefined =>
  new RegExp(`(?:^|; ?)${cookieName.replace('.', '\\.')}=([0-9a-f]{24})`).exec(ask.headers.cookie ?? '')?.[1];
