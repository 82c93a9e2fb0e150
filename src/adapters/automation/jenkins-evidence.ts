import { isUtf8 } from 'node:buffer';
import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { Artifact } from '../../ports.ts';
import type { JenkinsApi } from './jenkins-api.ts';
import { Build, buildTree } from './jenkins-run.ts';

const mostFiles = 20;
const mostBytes = 1_000_000;

type Left = { readonly name: string; readonly kept: boolean; readonly why?: string };

/** What a build left: its parameters and result, and its archived files as far as they are small and few. */
export async function buildArtifacts(
  api: JenkinsApi,
  path: string,
  subject: string,
): Promise<readonly Artifact[]> {
  const { value: build } = await api.get(path, `${buildTree},artifacts[relativePath]`, subject, Build);
  const files: Artifact[] = [];
  const left: Left[] = [];
  for (const { relativePath } of build.artifacts ?? []) {
    const file =
      files.length < mostFiles ? await fileOf(api, path, relativePath) : 'there are too many files';
    left.push({
      name: relativePath,
      kept: typeof file !== 'string',
      ...(typeof file === 'string' && { why: file }),
    });
    if (typeof file !== 'string') files.push(file);
  }
  return [summary(api, build, left), ...files];
}

function summary(api: JenkinsApi, build: Build, artifacts: readonly Left[]): Artifact {
  const { number, result, duration, description } = build;
  const parameters = (build.actions ?? []).flatMap((action) => action?.parameters ?? []);
  const shown = { number, result, duration, description, parameters, artifacts };
  return {
    name: 'build.json',
    type: 'application/json',
    bytes: Buffer.from(api.mask(JSON.stringify(shown, null, 2))),
  };
}

const isPlain = (relativePath: string) =>
  relativePath.split('/').every((part) => part !== '' && part !== '.' && part !== '..');

/** A file, secrets masked; or why it is left out. */
async function fileOf(api: JenkinsApi, path: string, relativePath: string): Promise<Artifact | string> {
  if (!isPlain(relativePath)) return 'its path is not usable';
  const address = `${path}/artifact/${relativePath.split('/').map(encodeURIComponent).join('/')}`;
  const pieces: Buffer[] = [];
  let bytes = 0;
  const keep = (piece: Buffer) => {
    pieces.push(piece);
    bytes += piece.length;
    return bytes <= mostBytes;
  };
  try {
    const { whole } = await api.file(address, `the file ${relativePath}`, keep);
    if (bytes > mostBytes) return `it is larger than ${mostBytes} bytes`;
    if (!whole) return 'it broke off';
  } catch (error) {
    if (error instanceof AppError) return error.message;
    throw error;
  }
  return masked(api, relativePath, Buffer.concat(pieces));
}

function masked({ mask }: JenkinsApi, name: string, bytes: Buffer): Artifact {
  const text = isUtf8(bytes);
  const encoding = text ? 'utf8' : 'latin1';
  return {
    name,
    type: text ? 'text/plain' : 'application/octet-stream',
    bytes: Buffer.from(mask(bytes.toString(encoding)), encoding),
  };
}

const Root = z.object({ quietingDown: z.boolean().default(false) });
const WhoAmI = z.object({ anonymous: z.boolean().default(false), authenticated: z.boolean() });

/** Up, not about to shut down, and our user is known. */
export async function jenkinsHealth(
  api: JenkinsApi,
): Promise<{ readonly ok: true } | { readonly ok: false; readonly why: string }> {
  const me = await api.get('/whoAmI', 'anonymous,authenticated', 'our user', WhoAmI);
  if (me.value.anonymous || !me.value.authenticated)
    return {
      ok: false,
      why: `${api.name} takes us for nobody in particular, so our token was not looked at`,
    };
  const root = await api.get('', 'quietingDown', 'itself', Root);
  if (root.value.quietingDown)
    return { ok: false, why: `${api.name} is about to shut down and starts no builds` };
  return { ok: true };
}
