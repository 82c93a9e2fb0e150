import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { z } from 'zod';

/** Where the simulated systems are and how to get in. Kept in the data folder for `npm run incident`. */
export const WorldInfo = z.strictObject({
  servicenow: z.string(),
  site: z.string(),
  ops: z.string(),
  awx: z.string(),
  jenkins: z.string(),
  mid: z.string(),
  graph: z.string(),
  monitoringPassword: z.string(),
  integrationPassword: z.string(),
  siteToken: z.string(),
  midToken: z.string(),
  deviceToken: z.string(),
  opsToken: z.string(),
  awxToken: z.string(),
  jenkinsToken: z.string(),
  graphToken: z.string(),
  webhookSecret: z.string(),
});
export type WorldInfo = z.infer<typeof WorldInfo>;

/**
 * The ports of last time, as far as they are free: runs that are open and the CMDB hold these addresses. Before there is
 * a last time, those from `first` on.
 */
export function portsOf(file: string, first: number | undefined) {
  // a world of an earlier release has fewer systems
  const before = existsSync(file)
    ? WorldInfo.partial().parse(JSON.parse(readFileSync(file, 'utf8')))
    : undefined;
  return (
    name: 'servicenow' | 'site' | 'ops' | 'awx' | 'jenkins' | 'mid' | 'graph',
    n: number,
  ): Promise<number> | number => {
    const address = before?.[name];
    if (address !== undefined) return freeOrAny(Number(new URL(address).port));
    return first === undefined ? 0 : freeOrAny(first + n);
  };
}

const Secrets = WorldInfo.omit({
  servicenow: true,
  site: true,
  ops: true,
  awx: true,
  jenkins: true,
  mid: true,
  graph: true,
});

/** Fresh secrets the first time, the same ones after a restart. */
export function keptSecrets(file: string): z.infer<typeof Secrets> {
  const before = existsSync(file)
    ? Secrets.partial().parse(JSON.parse(readFileSync(file, 'utf8')))
    : undefined;
  const secret = () => randomBytes(24).toString('base64url');
  const secrets = Secrets.parse({
    monitoringPassword: secret(),
    integrationPassword: secret(),
    siteToken: secret(),
    midToken: secret(),
    deviceToken: secret(),
    opsToken: secret(),
    awxToken: secret(),
    jenkinsToken: secret(),
    graphToken: secret(),
    webhookSecret: `whsec_${randomBytes(32).toString('base64')}`,
    ...before,
  });
  writeFileSync(file, JSON.stringify(secrets), { mode: 0o600 });
  return secrets;
}

/** The port when nobody has it, else 0, which means any. */
export function freeOrAny(port: number): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(0));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(port)));
  });
}
