import { AppError } from '../../domain/errors.ts';
import type { Answer } from './http.ts';
import type { Mask } from './mask.ts';
import { oneLine, refusal } from './refusal.ts';

type Asked = { readonly posted: boolean; readonly subject: string };

/** Jenkins itself speaks, not something in front of it: it puts its version on every page. */
export const isJenkins = (answer: Answer): boolean => answer.header('x-jenkins').length > 0;
/** Jenkins says that there is no such thing, or that we may not know of it: it does not tell which. */
export const isMissing = (answer: Answer): boolean => answer.status === 404 && isJenkins(answer);
/** hudson.security.csrf.CrumbFilter refuses before anything is done. */
export const wantsCrumb = (answer: Answer): boolean =>
  answer.status === 403 && answer.text.includes('No valid crumb');

/** An answer that is not the one hoped for. Of its page nothing is quoted but what Jenkins puts into headers. */
export function jenkinsRefusal(name: string, answer: Answer, asked: Asked, mask: Mask): AppError {
  const named = isJenkins(answer) || answer.status === 401 ? known(name, answer, asked) : undefined;
  if (named !== undefined) return named;
  const said = answer.header('x-error').join(' ');
  return refusal(name, { ...answer, text: JSON.stringify({ title: said }) }, asked, mask);
}

function known(name: string, answer: Answer, { subject }: Asked): AppError | undefined {
  const refused = (message: string, fix: string) => new AppError({ code: 'target-refused', message, fix });
  const permission = answer.header('x-required-permission')[0];
  switch (answer.status) {
    case 401:
      return refused(
        `${name} does not accept our user and token (any more): 401 for ${subject}`,
        `Create a new API token for the user of ${name} (in Jenkins: the user, Security) and give it to Handrail.`,
      );
    case 403:
      if (permission !== undefined)
        return refused(
          `our user at ${name} lacks the permission ${oneLine(permission)} for ${subject}`,
          `Give the user of ${name} that permission on the job or its folder.`,
        );
      if (wantsCrumb(answer))
        return refused(
          `${name} takes no request without a crumb for ${subject}`,
          `Give Handrail an API token of the user of ${name} instead of a password: it needs no crumb.`,
        );
      return undefined;
    case 404:
      return refused(
        `${name} has no ${subject}, or does not let our user see it`,
        `Check the name in the runbook, and that the user of ${name} has the permission Job/Read on it.`,
      );
    case 409:
      return refused(
        `${name} cannot build ${subject}: it is disabled or being deleted`,
        `Enable ${subject} in Jenkins.`,
      );
    default:
      return undefined;
  }
}
