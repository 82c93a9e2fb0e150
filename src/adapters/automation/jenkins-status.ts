import type { JobStatus } from '../../ports.ts';
import type { Build } from './jenkins-run.ts';
import type { Mask } from './mask.ts';
import { oneLine } from './refusal.ts';

type Verdict = Pick<JobStatus, 'state' | 'detail'>;

/** What Jenkins says about a build (hudson.model.Result). Only SUCCESS is success; a result nobody documented is `unknown`. */
export function judge(name: string, externalId: string, build: Build, mask: Mask): JobStatus {
  const { state, detail } = verdict(name, build);
  const said = build.description ?? '';
  const words = said === '' || state === 'running' ? detail : `${detail}: ${said}`;
  return { externalId, state, detail: oneLine(mask(words)) };
}

function verdict(name: string, { number, building, inProgress, result, duration }: Build): Verdict {
  if (building || inProgress === true) return { state: 'running', detail: `build ${number} is running` };
  switch (result ?? 'none') {
    case 'SUCCESS':
      return { state: 'succeeded', detail: `build ${number} succeeded in ${seconds(duration)}` };
    case 'UNSTABLE':
      return { state: 'failed', detail: `build ${number} is unstable: a check of the job failed` };
    case 'FAILURE':
      return { state: 'failed', detail: `build ${number} failed; its log tells why` };
    case 'NOT_BUILT':
      return { state: 'failed', detail: `build ${number} was not done: a stage before it ended the job` };
    case 'ABORTED':
      return { state: 'canceled', detail: `build ${number} was aborted` };
    default:
      return {
        state: 'unknown',
        detail: `${name} reports the result "${result ?? 'none'}" of build ${number}, which is not documented`,
      };
  }
}

const seconds = (ms: number | null | undefined) => `${((ms ?? 0) / 1_000).toFixed(1)} s`;
