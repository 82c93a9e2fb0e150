import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';

/**
 * Why a device is not compliant. `stale`: it has not taken its policies for days, a sync is enough. `session`: it cannot, as
 * long as its user is not signed in anew. `broken`: whatever is done, it stays so.
 */
const Fault = z.enum(['stale', 'session', 'broken']);
export type DeviceFault = z.infer<typeof Fault>;

const Device = z.object({
  fault: Fault.nullable(),
  /** Epoch milliseconds. */
  synced: z.number(),
  /** When somebody asked it to sync, if that was. */
  asked: z.number().nullable(),
  /** When the sessions of its user were ended, if they were. */
  signedOut: z.number().nullable(),
});
type Device = z.infer<typeof Device>;

export type DeviceOwner = { readonly id: string; readonly userPrincipalName: string };
export type DeviceSeed = { readonly id: string; readonly deviceName: string; readonly owner: DeviceOwner };

/** What Microsoft Graph shows of a managed device. */
export type ManagedDevice = {
  readonly id: string;
  readonly deviceName: string;
  readonly complianceState: 'compliant' | 'noncompliant';
  readonly lastSyncDateTime: string;
  readonly userId: string;
  readonly userPrincipalName: string;
  readonly operatingSystem: string;
};
export type Devices = ReturnType<typeof openDevices>;

const DAY_MS = 86_400_000;
/** A device that was asked to sync checks in several times within the next minute. */
const CHECK_INS = 30;
const CHECK_IN_MS = 2_000;

/** Managed devices by id. With a file their state survives a restart. `syncMs`: how long one takes to answer a sync. */
export function openDevices(seeds: readonly DeviceSeed[], syncMs: number, file?: string) {
  const stored = file !== undefined && existsSync(file) ? readFileSync(file, 'utf8') : '{}';
  const saved = z.record(z.string(), Device).parse(JSON.parse(stored));
  const fresh = (): Device => ({ fault: null, synced: Date.now(), asked: null, signedOut: null });
  const devices = new Map(seeds.map((seed) => [seed.id, { seed, state: saved[seed.id] ?? fresh() }]));
  const change = (id: string, to: (state: Device) => Partial<Device>): void => {
    const device = devices.get(id);
    if (device !== undefined) device.state = { ...device.state, ...to(device.state) };
    if (file === undefined) return;
    const all = Object.fromEntries([...devices].map(([key, { state }]) => [key, state]));
    writeFileSync(`${file}.new`, JSON.stringify(all), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  };
  return {
    view(id: string): ManagedDevice | undefined {
      const device = devices.get(id);
      if (device === undefined) return undefined;
      const { fault, synced } = asOf(device.state, syncMs, Date.now());
      return {
        id,
        deviceName: device.seed.deviceName,
        complianceState: fault === null ? 'compliant' : 'noncompliant',
        lastSyncDateTime: new Date(synced).toISOString(),
        userId: device.seed.owner.id,
        userPrincipalName: device.seed.owner.userPrincipalName,
        operatingSystem: 'Windows',
      };
    },
    /** It is not compliant from now on, and has not synced for four days. */
    break: (id: string, fault: DeviceFault): void =>
      change(id, () => ({ fault, synced: Date.now() - 4 * DAY_MS, asked: null, signedOut: null })),
    sync: (id: string): void =>
      change(id, (state) => ({ ...asOf(state, syncMs, Date.now()), asked: Date.now() })),
    /** The sessions of a person end on every device. */
    signOut(userId: string): void {
      for (const [id, { seed }] of devices)
        if (seed.owner.id === userId)
          change(id, (state) => ({ ...asOf(state, syncMs, Date.now()), signedOut: Date.now() }));
    },
  };
}

/** The device as its last check-in by now has left it. */
function asOf(state: Device, syncMs: number, now: number): Device {
  const { asked, fault, signedOut } = state;
  const first = asked === null ? Number.POSITIVE_INFINITY : asked + syncMs;
  if (asked === null || now < first) return state;
  const count = Math.min(CHECK_INS, Math.floor((now - first) / CHECK_IN_MS));
  const mended = fault === 'stale' || (fault === 'session' && signedOut !== null && signedOut <= asked);
  return { ...state, fault: mended ? null : fault, synced: first + count * CHECK_IN_MS };
}
