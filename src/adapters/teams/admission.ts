import type { AuthenticateRequestResult, BotFrameworkAuthentication } from 'botframework-connector';
import { messageOf } from '../../domain/errors.ts';
import { Incoming, tenantsOf } from './activity.ts';
import type { Log } from './log.ts';
import { isLoopbackAddress, isLoopbackHost, type ServiceUrlRule } from './service-url.ts';

/** What admission looks at of an HTTP request. */
export type InboundRequest = {
  readonly method: string | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The parsed JSON body. */
  readonly body: unknown;
  readonly remoteAddress: string | undefined;
};
export type Admitted =
  | { readonly ok: true; readonly activity: Incoming; readonly auth: AuthenticateRequestResult }
  | { readonly ok: false; readonly status: 400 | 401 | 403 | 405 };

export type AdmissionOptions = {
  readonly sandbox: boolean;
  readonly authentication: BotFrameworkAuthentication;
  readonly issuer: string;
  /** Entra tenant ids that are let in. Empty lets any tenant in, which only the sandbox may. */
  readonly tenants: readonly string[];
  readonly serviceUrls: ServiceUrlRule;
  readonly log: Log;
};

const refuse = (status: 400 | 401 | 403 | 405): Admitted => ({ ok: false, status });

/** Lets a request in or not, before any handler runs. A refusal is a bare status; the reason is only in the log. */
export function admission(options: AdmissionOptions): (request: InboundRequest) => Promise<Admitted> {
  const { sandbox, log } = options;
  return async (request) => {
    if (request.method !== 'POST') return refuse(405);
    if (sandbox && !fromThisMachine(request)) return refuse(403);
    const parsed = Incoming.safeParse(request.body);
    if (!parsed.success) return refuse(400);
    const activity = parsed.data;
    const auth = await authenticate(options, request, activity);
    if (auth === undefined) return refuse(401);
    const denied = deniedBecause(options, activity);
    if (denied === undefined) return { ok: true, activity, auth };
    log({ level: 'warn', message: `activity refused: ${denied}` });
    return refuse(403);
  };
}

/**
 * The sandbox trusts this machine, but not the web pages open on it: a page can make a browser post here.
 * It cannot send JSON to another origin unasked, and a rebound DNS name shows in the Host header.
 */
function fromThisMachine({ headers, remoteAddress }: InboundRequest): boolean {
  const [type, host] = [headers['content-type'], headers['host']];
  if (!isLoopbackAddress(remoteAddress)) return false;
  if (typeof type !== 'string' || !/^application\/json\b/i.test(type)) return false;
  return typeof host === 'string' && isLoopbackHost(host.replace(/:\d+$/, ''));
}

async function authenticate(
  { authentication, sandbox, issuer, log }: AdmissionOptions,
  request: InboundRequest,
  activity: Incoming,
): Promise<AuthenticateRequestResult | undefined> {
  const header = request.headers['authorization'];
  try {
    // The SDK throws different things for a bad token, plain errors for a bad signature: all mean "not authenticated".
    const auth = await authentication.authenticateRequest(
      activity as unknown as Parameters<BotFrameworkAuthentication['authenticateRequest']>[0],
      typeof header === 'string' ? header : '',
    );
    const { claimsIdentity } = auth;
    if (!sandbox && claimsIdentity.getClaimValue('iss') !== issuer) return undefined;
    if (!sandbox && claimsIdentity.getClaimValue('serviceurl') !== activity.serviceUrl) return undefined;
    return auth;
  } catch (error) {
    log({ level: 'warn', message: `activity not authenticated: ${messageOf(error)}` });
    return undefined;
  }
}

function deniedBecause({ serviceUrls, tenants, sandbox }: AdmissionOptions, activity: Incoming) {
  if (!serviceUrls(activity.serviceUrl)) return 'its serviceUrl is not a Teams host';
  if (sandbox && tenants.length === 0) return undefined;
  const named = tenantsOf(activity);
  if (named.length === 0) return 'it names no tenant';
  return named.every((tenant) => tenants.includes(tenant)) ? undefined : 'its tenant is not allowed';
}
