/** One of the simulated systems, and its admin token. */
export type Admin = { readonly url: string; readonly adminToken: string };

/** What a job asks of a simulated system. Throws what it answered when that is no success. */
export async function adminCall(
  { url, adminToken }: Admin,
  method: 'GET' | 'POST',
  path: string,
  signal: AbortSignal,
): Promise<unknown> {
  const response = await fetch(`${url}/${path}`, {
    method,
    headers: { authorization: `Bearer ${adminToken}` },
    signal: AbortSignal.any([signal, AbortSignal.timeout(20_000)]),
    redirect: 'error',
  });
  if (!response.ok) throw new Error(`${method} /${path} answered ${response.status}`);
  return response.status === 204 ? undefined : response.json();
}
