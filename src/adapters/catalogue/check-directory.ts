import { AppError, messageOf } from '../../domain/errors.ts';
import type { Directory } from '../../ports.ts';
import { groupFaults } from './group-faults.ts';
import type { LoadedCatalogue } from './load.ts';

type Warn = (message: string, details: { readonly group: string; readonly why: string }) => void;

/**
 * Counts the members of the policy's groups and refuses quorums that can never be reached, with AppError
 * `runbook-invalid`. A group that cannot be read is told to `warn` and left to the guardrails, which check it at each run.
 */
export async function checkGroups(
  { runbooks, policy: { policy } }: LoadedCatalogue,
  directory: Pick<Directory, 'members'>,
  warn: Warn,
): Promise<void> {
  const sizes = new Map<string, number>();
  await Promise.all(
    Object.entries(policy.groups).map(async ([group, { entra }]) => {
      try {
        sizes.set(group, new Set(await directory.members(entra)).size);
      } catch (error) {
        warn('the members of a group could not be counted', { group, why: messageOf(error) });
      }
    }),
  );
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
