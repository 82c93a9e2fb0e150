import type { TokenCredential } from '@azure/identity';
import { AppError } from '../../domain/errors.ts';

/** An API that takes tokens of Entra ID. */
export type EntraApi = {
  readonly name: string;
  readonly scope: string;
  /** What to do when no token is issued. */
  readonly fix: string;
};

const graph: EntraApi = {
  name: 'Microsoft Graph',
  scope: 'https://graph.microsoft.com/.default',
  fix: 'Give the identity Handrail runs under access to Microsoft Graph (User.Read.All, GroupMember.Read.All).',
};

/**
 * Tokens for an API, Microsoft Graph unless told otherwise, from the identity this process runs under (managed identity, workload identity, environment).
 * The library is loaded with the first token and keeps tokens until shortly before they end.
 */
export function entraToken(credential?: TokenCredential, api: EntraApi = graph): () => Promise<string> {
  let loading: Promise<TokenCredential> | undefined;
  const load = async () => {
    const { DefaultAzureCredential } = await import('@azure/identity');
    return new DefaultAzureCredential();
  };
  return async () => {
    loading ??= credential === undefined ? load() : Promise.resolve(credential);
    const source = await loading;
    const token = await source.getToken(api.scope);
    if (token !== null) return token.token;
    throw new AppError({
      code: 'directory-refused',
      message: `no token for ${api.name} was issued`,
      fix: api.fix,
    });
  };
}
