import type { TokenCredential } from '@azure/identity';
import { AppError } from '../../domain/errors.ts';

const scope = 'https://graph.microsoft.com/.default';

/**
 * Tokens for Microsoft Graph from the identity this process runs under (managed identity, workload identity, environment).
 * The library is loaded with the first token and keeps tokens until shortly before they end.
 */
export function entraToken(credential?: TokenCredential): () => Promise<string> {
  let loading: Promise<TokenCredential> | undefined;
  const load = async () => {
    const { DefaultAzureCredential } = await import('@azure/identity');
    return new DefaultAzureCredential();
  };
  return async () => {
    loading ??= credential === undefined ? load() : Promise.resolve(credential);
    const source = await loading;
    const token = await source.getToken(scope);
    if (token !== null) return token.token;
    throw new AppError({
      code: 'directory-refused',
      message: 'no token for Microsoft Graph was issued',
      fix: 'Give the identity Handrail runs under access to Microsoft Graph (User.Read.All, GroupMember.Read.All).',
    });
  };
}
