import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import { sha256 } from '../../domain/json.ts';
import type { Attachment } from '../../ports.ts';
import type { Client } from './client.ts';
import { readAll } from './read.ts';
import { isSysId } from './schema.ts';

const Uploaded = z.object({ result: z.object({ hash: z.string().optional() }) });
const attempts = 2;

/** Attaches a file to an incident unless one with the same name and content is there. Errors as for any write. */
export async function attachOnce(client: Client, attachment: Attachment): Promise<void> {
  if (!isSysId(attachment.sysId))
    throw new AppError({
      code: 'itsm-refused',
      message: 'the incident to attach to is not named by a sys_id',
      fix: 'Read the incident again and attach to the record that is found.',
    });
  const hash = sha256(attachment.bytes);
  for (let attempt = 1; ; attempt += 1) {
    if (await isThere(client, attachment, hash)) return;
    try {
      return await upload(client, attachment, hash);
    } catch (error) {
      const again = error instanceof AppError && error.maybeApplied && attempt < attempts;
      if (!again) throw error;
      await client.pause(attempt);
    }
  }
}

async function isThere(client: Client, attachment: Attachment, hash: string): Promise<boolean> {
  const files = await readAll(client, {
    path: '/api/now/attachment',
    query: `table_name=incident^table_sys_id=${attachment.sysId}`,
    columns: ['file_name', 'hash'],
    fits: { table_name: 'incident', table_sys_id: attachment.sysId },
    most: 2_000,
  });
  return files.some((file) => file['file_name'] === attachment.name && file['hash']?.toLowerCase() === hash);
}

async function upload(client: Client, attachment: Attachment, hash: string): Promise<void> {
  const what = 'POST attachment';
  const answer = await client.send(what, {
    method: 'POST',
    path: '/api/now/attachment/file',
    query: { table_name: 'incident', table_sys_id: attachment.sysId, file_name: attachment.name },
    type: attachment.type,
    body: attachment.bytes,
  });
  const stored = client.parse(what, Uploaded, answer).result.hash;
  if (stored === undefined || stored === '' || stored.toLowerCase() === hash) return;
  throw new AppError({
    code: 'itsm-refused',
    message: `${what}: ServiceNow stored other bytes than were sent`,
    fix: `Compare the file ${attachment.name} at the incident with the run's evidence.`,
  });
}
