import { AppError } from '../../domain/errors.ts';

/**
 * The address of a probe, if the operator allows it. `allow` holds `host` (the scheme's usual port) or `host:port`; the
 * match is exact, there are no wildcards. Throws `probe-refused`.
 */
export function allowedAddress(text: string, allow: readonly string[]): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) throw refuse('the address is no URL', 'Correct the url of the verification step.');
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw refuse(`${url.protocol} is not http or https`, 'Use an http or https address in the runbook.');
  if (url.username !== '' || url.password !== '')
    throw refuse('the address holds credentials', 'Take user and password out of the url in the runbook.');
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  const names = [url.host, `${url.hostname}:${port}`];
  if (!allow.some((entry) => names.includes(entry.toLowerCase())))
    throw refuse(
      `${url.host} is not on the list of probe hosts`,
      `Have an operator add ${url.host} to the allowed probe hosts, or correct the url in the runbook.`,
    );
  return url;
}

const refuse = (message: string, fix: string) => new AppError({ code: 'probe-refused', message, fix });
