import type { Answer } from '../ops-api/loopback.ts';

const version = '2.516.3';

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

/** A page for people. Whatever goes wrong in Jenkins is told in one, whatever the client asked for. */
export const page = (status: number, title: string, text = '', headers: Answer['headers'] = {}): Answer => ({
  status,
  headers: { 'content-type': 'text/html;charset=utf-8', ...headers },
  text: `<!DOCTYPE html><html><head><title>${escaped(title)} - Jenkins</title></head><body><h1>${escaped(
    title,
  )}</h1><p>${escaped(text)}</p></body></html>`,
});

export const notFound: Answer = page(
  404,
  'Not Found',
  'This page may not exist, or you may not have permission to see it.',
);

/** As hudson.security.AccessDeniedException3 tells it. */
export const denied = (user: string, permission: string, words: string): Answer =>
  page(403, 'Access Denied', `${user} is missing the ${words} permission`, {
    'x-you-are-authenticated-as': user,
    'x-required-permission': permission,
    'x-error': `${user} is missing the ${words} permission`,
  });

/** Back to a page: what actions of people answer (HttpResponses.forwardToPreviousPage). */
export const back = (location: string): Answer => ({ status: 302, headers: { location } });

/** A stack trace in plain text, as HttpResponses.error gives it. */
export const errorText = (status: number, message: string): Answer => ({
  status,
  headers: { 'content-type': 'text/plain;charset=utf-8' },
  text: `java.io.IOException: ${message}\n\tat Jenkins.doIt(Jenkins.java:1)\n`,
});

export const starting: Answer = page(
  503,
  'Starting Jenkins',
  'Please wait while Jenkins is getting ready to work ...',
);

/** Headers by which clients tell that it is Jenkins that answers. */
export const labels = { 'x-jenkins': version, 'x-hudson': '1.395', 'x-jenkins-session': '4f1c3a7e' } as const;
