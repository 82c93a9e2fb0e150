/**
 * Hosts of the Bot Framework connector, worldwide and US government. A reply carries our token, so it goes nowhere else.
 * Source: Microsoft Teams docs, send-proactive-messages, and the allow-list of the Microsoft 365 Agents SDK.
 */
const connectorHosts = [
  'smba.trafficmanager.net',
  'smba.infra.gcc.teams.microsoft.com',
  'smba.infra.gov.teams.microsoft.us',
];
const connectorDomains = ['.botframework.com', '.botframework.us', '.botframework.azure.us'];

/** True for the host names and addresses of this machine. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** True when a socket's remote address is this machine. */
export function isLoopbackAddress(address: string | undefined): boolean {
  if (address === undefined) return false;
  return address === '::1' || /^(::ffff:)?127(\.\d{1,3}){3}$/.test(address);
}

export type ServiceUrlRule = (serviceUrl: string) => boolean;

/** Which service URLs may be answered: the connector's over https, plus exactly the hosts (with port) named here. */
export function connectorUrls(alsoHosts: readonly string[] = []): ServiceUrlRule {
  return (serviceUrl) => {
    const url = parsed(serviceUrl);
    if (url === undefined) return false;
    if (alsoHosts.includes(url.host)) return url.protocol === 'https:' || isLoopbackHost(url.hostname);
    if (url.protocol !== 'https:' || url.port !== '') return false;
    return (
      connectorHosts.includes(url.hostname) || connectorDomains.some((end) => url.hostname.endsWith(end))
    );
  };
}

/** Sandbox: only clients on this machine. */
export const loopbackUrls: ServiceUrlRule = (serviceUrl) => {
  const url = parsed(serviceUrl);
  return url !== undefined && isLoopbackHost(url.hostname);
};

function parsed(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.username !== '' || url.password !== '') return undefined;
  return url.protocol === 'https:' || url.protocol === 'http:' ? url : undefined;
}
