import { z } from 'zod';
import { AppError, messageOf } from '../../domain/errors.ts';
import type { DeviceComplianceProbe } from '../../domain/probe.ts';
import type { Clock, ProbeMoment, ProbeResult } from '../../ports.ts';
import { ask, jsonOf } from './ask.ts';
import { type Looker, unseen } from './look.ts';

export type DeviceComplianceSettings = {
  /** Microsoft Graph, without /v1.0. */
  readonly baseUrl: string;
  /** A bearer token for it, with the application permission DeviceManagementManagedDevices.Read.All. */
  readonly token: () => Promise<string>;
  /** Milliseconds for one question; 10 s unless told. */
  readonly withinMs?: number;
  readonly clock?: Clock;
};

/** What each value of `complianceState` says, learn.microsoft.com/graph/api/resources/intune-devices-manageddevice. */
const states: Readonly<Record<string, string>> = {
  compliant: 'compliant',
  noncompliant: 'not compliant',
  inGracePeriod: 'not compliant, in its grace period',
  conflict: 'in conflict: two policies contradict each other',
  error: 'in error: its compliance could not be evaluated',
  unknown: 'of unknown compliance',
  configManager: 'judged by Configuration Manager, which is not asked',
};

const Device = z.object({
  id: z.string(),
  deviceName: z.string().nullish(),
  complianceState: z.string().nullish(),
  lastSyncDateTime: z.iso.datetime({ offset: true }).nullish(),
});
type Device = z.infer<typeof Device>;
const Refusal = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

type Read =
  | { readonly ok: true; readonly device: Device; readonly status: number; readonly ms: number }
  | {
      readonly ok: false;
      readonly why: string;
      readonly status: number;
      readonly ms: number;
      readonly waitMs: number;
    };

/**
 * Looks at what Intune says about a managed device (GET /deviceManagement/managedDevices/{id},
 * learn.microsoft.com/graph/api/intune-devices-manageddevice-get). It is well when it is `compliant` and has completed a
 * sync after the end of the change: what was known before says nothing about it. Until the deadline everything else is
 * looked at again. Throws `probe-refused` for what looking again cannot mend.
 */
export function deviceCompliance(settings: DeviceComplianceSettings): Looker<DeviceComplianceProbe> {
  const { clock = { now: () => new Date() } } = settings;
  return {
    async look({ device: id, every: everyMs }, moment) {
      const checked = checkedId(id);
      const read = await readDevice(settings, checked);
      const now = clock.now().getTime();
      const { status, ms } = read;
      if (read.ok) return judge(read.device, everyMs, { now, status, ms }, moment);
      return unseen(
        read.why,
        { what: `Intune: device ${checked}`, everyMs },
        { now, status, ms },
        moment,
        read.waitMs,
      );
    },
  };
}

type Seen = { readonly now: number; readonly status: number; readonly ms: number };

function judge(device: Device, everyMs: number, seen: Seen, { since, until }: ProbeMoment): ProbeResult {
  const { complianceState, lastSyncDateTime } = device;
  const synced = Date.parse(lastSyncDateTime ?? '');
  const fresh = synced >= since.getTime();
  const healthy = complianceState === 'compliant' && fresh;
  const why = `${stateInWords(complianceState)}, ${syncInWords(synced, fresh)}`;
  const at = new Date(seen.now).toISOString();
  const checks = [{ at, ok: healthy, status: seen.status, ms: seen.ms, why }];
  const look = { healthy, summary: `Intune: ${device.deviceName ?? device.id} is ${why}`, checks };
  const again = seen.now + everyMs;
  return healthy || again > until.getTime() ? look : { ...look, again: new Date(again) };
}

function stateInWords(state: string | null | undefined): string {
  if (state === null || state === undefined) return 'without a compliance state';
  const known = Object.hasOwn(states, state) ? states[state] : undefined;
  return known ?? `in the state ${JSON.stringify(state.slice(0, 60))}, which Microsoft does not document`;
}

/** A device that never synced says so with the year 1 (0001-01-01T00:00:00Z). */
function syncInWords(synced: number, fresh: boolean): string {
  if (Number.isNaN(synced) || synced <= 0) return 'and never synced';
  const at = new Date(synced).toISOString();
  return fresh ? `synced ${at}` : `last synced ${at}, before the end of the change`;
}

async function readDevice(settings: DeviceComplianceSettings, id: string): Promise<Read> {
  const { baseUrl, withinMs = 10_000 } = settings;
  const token = await tokenOf(settings);
  if (!token.ok) return { ok: false, status: 0, ms: 0, why: token.why, waitMs: 0 };
  const columns = 'id,deviceName,complianceState,lastSyncDateTime';
  const path = `/v1.0/deviceManagement/managedDevices/${id}?$select=${columns}`;
  const asked = await ask({
    url: new URL(`${baseUrl.replace(/\/+$/, '')}${path}`),
    token: token.value,
    withinMs,
  });
  const { status, ms } = asked;
  if (!asked.ok) return { ok: false, status, ms, why: asked.why, waitMs: 0 };
  const waitMs = asked.retryAfterMs;
  if (status !== 200) {
    const said = refusalIn(asked.body);
    refuseFor(status, said, id);
    return { ok: false, status, ms, why: `status ${status}${said && `, ${said}`}`, waitMs };
  }
  const device = Device.safeParse(jsonOf(asked.body));
  if (!device.success) return { ok: false, status, ms, why: 'this is no answer of Microsoft Graph', waitMs };
  if (device.data.id.toLowerCase() !== id.toLowerCase())
    throw refused(
      `Microsoft Graph answered with another device than ${id}`,
      'Check GRAPH_URL: something in front of Microsoft Graph changes what is asked.',
    );
  return { ok: true, device: device.data, status, ms };
}

/** Who hands out tokens may be away for a moment; that is looked at again like the rest. */
async function tokenOf({
  token,
}: DeviceComplianceSettings): Promise<{ ok: true; value: string } | { ok: false; why: string }> {
  try {
    return { ok: true, value: await token() };
  } catch (error) {
    return { ok: false, why: `no token for Microsoft Graph: ${messageOf(error)}` };
  }
}

/** What Graph says about a refusal, or '' when it says nothing we can read. */
function refusalIn(body: string): string {
  const refusal = Refusal.safeParse(jsonOf(body)).data?.error;
  return refusal === undefined ? '' : `${refusal.code}: ${refusal.message.slice(0, 300)}`;
}

/** What will be the same the next time. A 404 counts only in Graph's own words: a gateway knows nothing of devices. */
function refuseFor(status: number, said: string, id: string): void {
  const why = `(status ${status})${said && `: ${said}`}`;
  if (status === 401 || status === 403)
    throw refused(
      `Microsoft Graph does not let Handrail read the device ${id} ${why}`,
      'Grant the identity Handrail runs under the application permission DeviceManagementManagedDevices.Read.All.',
    );
  if (status === 404 && said !== '')
    throw refused(
      `Intune has no device ${id} ${why}`,
      'Correct the id of the device in the CMDB, or enrol the device again.',
    );
  if (status >= 300 && status < 400)
    throw refused(
      `Microsoft Graph sends us elsewhere ${why}`,
      'Correct GRAPH_URL; redirects are not followed.',
    );
  if (status === 400)
    throw refused(
      `Microsoft Graph cannot read the question about device ${id} ${why}`,
      'Correct the id of the device in the CMDB.',
    );
}

/** An id can lead to no other address: it is a GUID and nothing else. */
function checkedId(id: string): string {
  if (z.guid().safeParse(id).success) return id;
  throw refused(
    `${JSON.stringify(id.slice(0, 100))} is not the id of a managed device`,
    'Correct the device of the verification step, or the value it is filled with: the Intune device id, a GUID.',
  );
}

const refused = (message: string, fix: string) => new AppError({ code: 'probe-refused', message, fix });
