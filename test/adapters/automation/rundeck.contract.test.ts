import { rundeckTarget } from '../../../src/adapters/automation/rundeck.ts';
import type { Script } from '../../../src/sandbox/rundeck/jobs.ts';
import { type TargetWorld, targetContract } from '../../contract/target.ts';
import { freePort } from './ops-api-world.ts';
import { hello, job, option, quick, rundeckWorld, untilAborted } from './rundeck-world.ts';

async function world(
  apiVersion: number,
  changes: { readonly ignoresOptionFilter?: boolean },
): Promise<TargetWorld> {
  const started: string[] = [];
  const counted =
    (script: Script): Script =>
    (options, ...rest) => {
      started.push(options[option] ?? '');
      return script(options, ...rest);
    };
  const rundeck = await rundeckWorld(
    [
      job('Say hello', counted(hello), { group: 'web/iis' }),
      job(
        'Fall over',
        counted(() => Promise.reject(new Error('no space left on device'))),
      ),
      job('Wait', counted(untilAborted)),
    ],
    { apiVersion },
    { apiVersion },
  );
  rundeck.disturb(changes);
  return {
    target: rundeck.target,
    downTarget: rundeckTarget(quick(`http://127.0.0.1:${await freePort()}`)),
    jobs: {
      succeeds: 'ops/web/iis/Say hello',
      fails: 'ops/Fall over',
      waits: 'ops/Wait',
      missing: 'ops/No such job',
    },
    failureText: 'no space left on device',
    logText: 'hello from the job',
    started: async (executionId) => started.filter((one) => one === executionId).length,
    loseAnswers: () => rundeck.faults.arm({ method: 'POST', path: '/api', dropAnswer: true, times: 1_000 }),
    undocumentedStatus: (externalId) =>
      rundeck.faults.arm({
        path: `/api/${apiVersion}/execution/${externalId}`,
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ id: Number(externalId), status: 'hibernating' }),
        times: 1_000,
      }),
    recover: rundeck.faults.clear,
    close: rundeck.close,
  };
}

targetContract('Rundeck', () => world(59, {}));
targetContract('Rundeck of API 44, without option filters', () => world(44, { ignoresOptionFilter: true }));
