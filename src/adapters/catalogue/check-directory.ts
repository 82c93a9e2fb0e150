import { AppError, messageOf } from '../../domain/errors.ts';
import type { Directory } from '../../ports.ts';
import { groupFaults } from './group-faults.ts';
import type { LoadedCatalogue } from './load.ts';

type Warn = (message: string, details: { readonly groups: string; readonly why: string }) => void;

/**
 * Counts the members of the policy's groups and refuses quorums that can never be reached, with AppError
 * `runbook-invalid`. Groups that cannot be read are told to `warn` and left to the guardrails, which check it at each run.
 */
export async function checkGroups(
  { runbooks, policy: { policy } }: LoadedCatalogue,
  directory: Pick<Directory, 'members'>,
  warn: Warn,
  patienceMs = 5_000,
): Promise<void> {
  const sizes = new Map<string, number>();
  const unread = new Map<string, string>();
  await Promise.all(
    Object.entries(policy.groups).map(async ([group, { entra }]) => {
      try {
        sizes.set(group, new Set(await within(patienceMs, directory.members(entra))).size);
      } catch (error) {
        unread.set(group, messageOf(error));
      }
    }),
  );
  const [why] = unread.values();
  if (why !== undefined)
    warn('the members of groups could not be counted', { groups: [...unread.keys()].sort().join(', '), why });
  const faults = groupFaults(
    policy,
    [...runbooks.values()].map(({ runbook }) => runbook),
    sizes,
  );
  if (faults.length === 0) return;
  const list = faults.map(({ file, field, message }) => `  ${file} ${field}: ${message}`);
  throw new AppError({
    code: 'runbook-invalid',
    message: `${faults.length} quorum${faults.length === 1 ? '' : 's'} can never be reached\n${list.join('\n')}`,
    fix: 'Lower the quorums named above, or add members to their groups in Entra ID, and start again.',
  });
}

/** A start waits for nobody for long: what is not counted now is counted at each run that needs it. */
async function within<T>(ms: number, answer: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error('the directory did not answer in time')), ms);
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
