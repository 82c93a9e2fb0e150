import { awxTarget } from './adapters/automation/awx.ts';
import { azureAutomationTarget } from './adapters/automation/azure-automation.ts';
import { withCircuit } from './adapters/automation/circuit.ts';
import { jenkinsTarget } from './adapters/automation/jenkins.ts';
import { opsApi } from './adapters/automation/ops-api.ts';
import { withPacing } from './adapters/automation/pacing.ts';
import { rundeckTarget } from './adapters/automation/rundeck.ts';
import { systemClock } from './compose.ts';
import { azureToken } from './compose-probe.ts';
import { type Environment, resolveSecret, targetSetting } from './config.ts';
import { AppError } from './domain/errors.ts';
import type { TargetKind, TargetRule } from './domain/policy.ts';
import type { Catalogue } from './flow/deps.ts';
import type { Target } from './ports.ts';

/** One exchange with a target. */
const TIMEOUT_MS = 5_000;

type Settings = {
  readonly name: string;
  readonly get: (suffix: Suffix) => string;
  readonly knownSecrets: readonly string[];
  /** Azure Resource Manager. */
  readonly azure: string;
};
type Suffix = 'URL' | 'USER' | 'TOKEN' | 'ACCOUNT';
type Kind = { readonly needs: readonly Suffix[]; readonly make: (settings: Settings) => Target };

/** How each kind of target is made, and the settings it needs: <prefix>_URL and so on. */
const kinds: Readonly<Record<TargetKind, Kind>> = {
  'ops-api': { needs: ['URL', 'TOKEN'], make: (settings) => opsApi(withToken(settings)) },
  awx: { needs: ['URL', 'TOKEN'], make: (settings) => awxTarget(withToken(settings)) },
  jenkins: {
    needs: ['URL', 'USER', 'TOKEN'],
    make: (settings) => jenkinsTarget({ ...withToken(settings), user: settings.get('USER') }),
  },
  rundeck: { needs: ['URL', 'TOKEN'], make: (settings) => rundeckTarget(withToken(settings)) },
  'azure-automation': {
    needs: ['ACCOUNT'],
    make: (settings) =>
      azureAutomationTarget({
        ...common(settings),
        account: settings.get('ACCOUNT'),
        baseUrl: settings.azure,
        getToken: azureToken(settings.azure, 'Automation Operator on the Automation account'),
      }),
  },
};

const withToken = (settings: Settings) => ({
  ...common(settings),
  baseUrl: settings.get('URL'),
  token: settings.get('TOKEN'),
});

const common = ({ name, knownSecrets }: Settings) => ({
  name,
  timeoutMs: TIMEOUT_MS,
  // a reference that no runbook declares is answered like one that does not exist
  resolveSecret: async (reference: string) =>
    knownSecrets.includes(reference) ? resolveSecret(reference) : undefined,
  knownSecrets,
});

/** Every target of the policy. Throws AppError `config-invalid` naming each setting that is missing or not allowed. */
export function makeTargets(config: Environment, catalogue: Catalogue): ReadonlyMap<string, Target> {
  const { targets } = catalogue.policy.policy;
  const knownSecrets = secretsOf(catalogue);
  const { AZURE_MONITOR_URL: azure } = config;
  const all = Object.entries(targets).map(([name, rule]) => settingsOf(config, name, rule));
  const problems = all.flatMap((one) => one.problems);
  if (problems.length > 0)
    throw new AppError({
      code: 'config-invalid',
      message: `the targets of policy.yaml do not fit:\n${problems.map((one) => `  ${one}`).join('\n')}`,
      fix: 'Set what is named above (README, "Targets"), or take the target out of policy.yaml.',
    });
  return new Map(
    all.map(({ name, kind, get }) => {
      const target = kinds[kind].make({ name, get, knownSecrets, azure });
      return [name, withPacing(withCircuit(target, systemClock), systemClock)] as const;
    }),
  );
}

function settingsOf(config: Environment, name: string, rule: TargetRule) {
  const { kind, settings: prefix = kind.toUpperCase().replaceAll('-', '_') } = rule;
  const read = (suffix: Suffix): string | undefined => {
    const setting = `${prefix}_${suffix}`;
    const known: unknown = Object.hasOwn(config, setting) ? config[setting as keyof Environment] : undefined;
    return typeof known === 'string' ? known : targetSetting(setting);
  };
  const { needs } = kinds[kind];
  const missing = needs
    .filter((suffix) => read(suffix) === undefined)
    .map((suffix) => `${prefix}_${suffix} is missing: target ${name} (${kind}) needs it`);
  const [setting, address] =
    kind === 'azure-automation'
      ? ['AZURE_MONITOR_URL', config.AZURE_MONITOR_URL]
      : [`${prefix}_URL`, read('URL')];
  return {
    name,
    kind,
    get: (suffix: Suffix) => read(suffix) ?? '',
    problems: [...missing, ...(address === undefined ? [] : notAllowed(setting, name, address, rule))],
  };
}

/** The policy is reviewed, the environment is not: it cannot send our credentials anywhere else. */
function notAllowed(setting: string, name: string, address: string, { hosts }: TargetRule): string[] {
  if (hosts === undefined) return [];
  const { host, hostname } = URL.canParse(address) ? new URL(address) : { host: address, hostname: address };
  if (hosts.includes(host) || hosts.includes(hostname)) return [];
  return [`${setting} is at ${host}, but policy.yaml lets target ${name} be at ${hosts.join(' or ')} only`];
}

const secretsOf = ({ runbooks }: Catalogue): string[] =>
  [...runbooks.values()].flatMap(({ runbook }) =>
    Object.values(runbook.parameters).flatMap((p) => (p.type === 'secret' ? [p.reference] : [])),
  );
