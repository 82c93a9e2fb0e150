import { opsApi } from '../../../src/adapters/automation/ops-api.ts';
import type { Job } from '../../../src/sandbox/ops-api/job-runner.ts';
import { targetContract } from '../../contract/target.ts';
import { freePort, opsWorld, quick, untilCancelled } from './ops-api-world.ts';

targetContract('the ops-runbook API', async () => {
  const started: string[] = [];
  const counted =
    (job: Job): Job =>
    (parameters, log, signal, tell) => {
      started.push(String(parameters['execution']));
      return job(parameters, log, signal, tell);
    };
  const world = await opsWorld({
    'say-hello': counted(async (_parameters, log) => log('hello from the job')),
    'fall-over': counted(() => Promise.reject(new Error('no space left on device'))),
    'wait-for-cancel': counted(untilCancelled),
  });
  // The execution id is not visible to a job, so the test hands it over as a parameter as well.
  const target = {
    ...world.target,
    launch: (launch: Parameters<typeof world.target.launch>[0]) =>
      world.target.launch({ ...launch, parameters: { ...launch.parameters, execution: launch.executionId } }),
  };
  return {
    target,
    downTarget: opsApi(quick(`http://127.0.0.1:${await freePort()}`)),
    jobs: {
      succeeds: 'say-hello',
      fails: 'fall-over',
      waits: 'wait-for-cancel',
      missing: 'no-such-job',
    },
    failureText: 'no space left on device',
    logText: 'hello from the job',
    started: async (executionId) => started.filter((one) => one === executionId).length,
    loseAnswers: () => world.faults.arm({ method: 'POST', path: '/runs', dropAnswer: true, times: 1_000 }),
    undocumentedStatus: (id) =>
      world.faults.arm({
        path: `/runs/${id}`,
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ id, status: 'hibernating' }),
        times: 1_000,
      }),
    recover: world.faults.clear,
    close: world.close,
  };
});
