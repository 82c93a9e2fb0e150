import { z } from 'zod';
import { graphError, selected } from '../entra/odata.ts';
import { type Answer, type Handler, hasToken, problem, type Routes } from '../ops-api/loopback.ts';
import type { Devices } from './devices.ts';

export type IntuneOptions = {
  readonly devices: Devices;
  /** May read. */
  readonly readToken: string;
  /** May do what changes devices and sessions as well, and break devices in the first place. */
  readonly token: string;
};

const Break = z.strictObject({ fault: z.enum(['stale', 'session', 'broken']) });

/**
 * Microsoft Graph as far as devices go: a managed device, its action `syncDevice`, and `revokeSignInSessions` of a user
 * (learn.microsoft.com/graph/api/intune-devices-manageddevice-get, …-syncdevice, user-revokesigninsessions). Devices are
 * broken under `/devices/{id}/break`.
 */
export function intuneRoutes({ devices, readToken, token }: IntuneOptions): Routes {
  const privileged =
    (answer: Handler): Handler =>
    (ask) => {
      if (hasToken(ask, token)) return answer(ask);
      return hasToken(ask, readToken)
        ? graphError(403, 'Forbidden', 'Application is not authorized to perform this operation.')
        : graphError(401, 'InvalidAuthenticationToken', 'Access token is not valid.');
    };
  const missing = (id: string): Answer => graphError(404, 'ResourceNotFound', `Device ${id} does not exist.`);
  return {
    'GET /v1.0/deviceManagement/managedDevices/:id': (ask) => {
      if (!hasToken(ask, readToken) && !hasToken(ask, token))
        return graphError(401, 'InvalidAuthenticationToken', 'Access token is not valid.');
      const id = (ask.params['id'] ?? '').toLowerCase();
      const device = devices.view(id);
      return device === undefined ? missing(id) : { status: 200, json: selected(ask, device) };
    },
    'POST /v1.0/deviceManagement/managedDevices/:id/syncDevice': privileged((ask) => {
      const id = (ask.params['id'] ?? '').toLowerCase();
      if (devices.view(id) === undefined) return missing(id);
      devices.sync(id);
      return { status: 204 };
    }),
    'POST /v1.0/users/:id/revokeSignInSessions': privileged((ask) => {
      devices.signOut((ask.params['id'] ?? '').toLowerCase());
      return { status: 200, json: { value: true } };
    }),
    'POST /devices/:id/break': privileged((ask) => {
      const how = Break.safeParse(ask.json);
      if (!how.success) return problem(400, 'the body does not fit', z.prettifyError(how.error));
      devices.break(ask.params['id'] ?? '', how.data.fault);
      return { status: 202, json: devices.view(ask.params['id'] ?? '') };
    }),
  };
}
