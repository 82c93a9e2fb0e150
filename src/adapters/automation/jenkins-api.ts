import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import { type Answer, type Call, readAnswer, retry, type Sleep } from './http.ts';
import { isJenkins, isMissing, jenkinsRefusal, wantsCrumb } from './jenkins-refusal.ts';
import type { Mask } from './mask.ts';

/** The HTTP side of one Jenkins, with the mask for whatever it says. */
export type JenkinsApi = {
  readonly name: string;
  readonly mask: Mask;
  /** Reads what `tree` asks for, again when that may help. `subject` is what it is about, for people. */
  get<T>(path: string, tree: string, subject: string, schema: z.ZodType<T>): Promise<Read<T>>;
  /** As `get`; undefined when Jenkins itself says that there is no such thing. */
  look<T>(path: string, tree: string, subject: string, schema: z.ZodType<T>): Promise<Read<T> | undefined>;
  /** One request, sent again only when it was refused for want of a crumb; any status is answered. */
  post(path: string, ask?: { query?: Query; form?: URLSearchParams }): Promise<Answer>;
  /** Reads a file, piece by piece. Throws on any status but 200, and when it is not Jenkins that answers. */
  file(path: string, subject: string, onBody: (piece: Buffer) => boolean): Promise<Answer>;
};
/** What was read, and what Jenkins's clock said. */
export type Read<T> = { readonly value: T; readonly clock: number };
type Query = Readonly<Record<string, string>>;
type Wire = { readonly name: string; readonly call: Call; readonly attempts: number; readonly sleep: Sleep };
export type Crumbs = ReturnType<typeof crumbBox>;

/** Only paths built from names of runbooks and ids are asked for; what an answer says about addresses is never followed. */
export function jenkinsApi({ name, call, attempts, sleep }: Wire, crumbs: Crumbs, mask: Mask): JenkinsApi {
  const patiently = <T>(attempt: () => Promise<T>) => retry(attempt, { attempts, sleep });
  const asked = (answer: Answer, posted: boolean, subject: string) =>
    jenkinsRefusal(name, answer, { posted, subject }, mask);
  const read = <T>(answer: Answer, subject: string, schema: z.ZodType<T>): Read<T> => {
    if (answer.status !== 200) throw asked(answer, false, subject);
    return { value: readAnswer(name, answer, schema, false), clock: answer.clock ?? Date.now() };
  };
  const page = (path: string, tree: string) =>
    call({ method: 'GET', path: `${path}/api/json`, query: { tree } });

  return {
    name,
    mask,
    get: (path, tree, subject, schema) =>
      patiently(async () => read(await page(path, tree), subject, schema)),
    look: (path, tree, subject, schema) =>
      patiently(async () => {
        const answer = await page(path, tree);
        return isMissing(answer) ? undefined : read(answer, subject, schema);
      }),
    async post(path, { query, form } = {}) {
      const send = (headers: Query) =>
        call({
          method: 'POST',
          path,
          headers,
          body: form ?? new URLSearchParams(),
          ...(query && { query }),
        });
      const answer = await send(crumbs.known());
      if (!wantsCrumb(answer)) return answer;
      const headers = await crumbs.fresh(call);
      return headers === undefined ? answer : send(headers);
    },
    file: (path, subject, onBody) =>
      patiently(async () => {
        const answer = await call({ method: 'GET', path, headers: { accept: '*/*' }, onBody });
        if (answer.status !== 200) throw asked(answer, false, subject);
        if (!isJenkins(answer)) throw somethingElse(name, answer, subject);
        return answer;
      }),
  };
}

const somethingElse = (name: string, { type }: Answer, subject: string) =>
  new AppError({
    code: 'target-refused',
    message: `something else than ${name} answered with ${type || 'no type'} where ${subject} should be`,
    fix: `Check the base URL of ${name}, and what stands in front of it, such as a proxy or a login page.`,
  });

const Crumb = z.object({
  crumb: z.string().regex(/^[\x21-\x7e]{1,256}$/),
  crumbRequestField: z.string().regex(/^[A-Za-z0-9.-]{1,64}$/),
});

/**
 * Keeps the crumb that a request by password needs, and the session it belongs to (hudson.security.csrf). An API token
 * needs neither, so it is asked for only when Jenkins says so.
 */
export function crumbBox(name: string) {
  let headers: Query = {};
  return {
    known: (): Query => headers,
    /** A new crumb; undefined when Jenkins gives none. */
    async fresh(call: Call): Promise<Query | undefined> {
      const answer = await call({ method: 'GET', path: '/crumbIssuer/api/json' });
      if (answer.status !== 200) return undefined;
      const { crumb, crumbRequestField } = readAnswer(name, answer, Crumb, false);
      const cookie = answer
        .header('set-cookie')
        .flatMap((line) => line.split(';')[0] ?? [])
        .join('; ');
      headers = { [crumbRequestField]: crumb, ...(cookie === '' ? {} : { cookie }) };
      return headers;
    },
  };
}
