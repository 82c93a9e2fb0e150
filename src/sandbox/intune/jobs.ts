import { z } from 'zod';
import { type Admin, adminCall } from '../ops-api/admin-call.ts';
import type { Job, JobTable, Log } from '../ops-api/job-runner.ts';

const Parameters = z.object({ device: z.guid(), owner: z.guid().optional() });
type Parameters = z.infer<typeof Parameters>;
const Device = z.object({
  deviceName: z.string(),
  complianceState: z.string(),
  lastSyncDateTime: z.string(),
  userPrincipalName: z.string(),
});

/**
 * The jobs an endpoint team would have, over Microsoft Graph: `device-report` (evidence, changes nothing), `device-sync`,
 * and `device-restore`, which ends the sessions of the owner before it has the device sync. None waits for the device:
 * whether it is compliant is for the verification to find out.
 */
export function deviceJobs(admin: Admin): JobTable {
  const sync = async (device: string, log: Log, signal: AbortSignal): Promise<void> => {
    await adminCall(admin, 'POST', `v1.0/deviceManagement/managedDevices/${device}/syncDevice`, signal);
    log('asked the device to take its policies and report');
  };
  return {
    'device-report': onDevice(async ({ device }, log, signal) => {
      const now = Device.parse(
        await adminCall(admin, 'GET', `v1.0/deviceManagement/managedDevices/${device}`, signal),
      );
      log(`${now.deviceName} of ${now.userPrincipalName} is ${now.complianceState}`);
      log(`last sync: ${now.lastSyncDateTime}`);
    }),
    'device-sync': onDevice(({ device }, log, signal) => sync(device, log, signal)),
    'device-restore': onDevice(async ({ device, owner }, log, signal) => {
      if (owner === undefined) throw new Error('the parameter owner is missing');
      await adminCall(admin, 'POST', `v1.0/users/${owner}/revokeSignInSessions`, signal);
      log(`ended the sessions of ${owner} on all devices`);
      await sync(device, log, signal);
    }),
  };
}

const onDevice =
  (work: (parameters: Parameters, log: Log, signal: AbortSignal) => Promise<void>): Job =>
  (parameters, log, signal) => {
    const parsed = Parameters.safeParse(parameters);
    if (!parsed.success)
      return Promise.reject(new Error('the parameter device is missing or not the id of a device'));
    return work(parsed.data, log, signal);
  };
