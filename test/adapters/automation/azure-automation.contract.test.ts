import { azureAutomationTarget } from '../../../src/adapters/automation/azure-automation.ts';
import type { Script } from '../../../src/sandbox/azure-automation/runbooks.ts';
import { targetContract } from '../../contract/target.ts';
import { account, azureWorld, hello, quick, untilStopped } from './azure-automation-world.ts';
import { freePort } from './ops-api-world.ts';

targetContract('Azure Automation', async () => {
  const started: unknown[] = [];
  const counted =
    (script: Script): Script =>
    (parameters, ...rest) => {
      started.push(parameters['Execution']);
      return script(parameters, ...rest);
    };
  const parameters = { Execution: {} };
  const azure = await azureWorld([
    { name: 'Say-Hello', script: counted(hello), parameters },
    {
      name: 'Fall-Over',
      script: counted(() => Promise.reject(new Error('no space left on device'))),
      parameters,
    },
    { name: 'Wait', script: counted(untilStopped), parameters },
  ]);
  // The execution id is not visible to a runbook, so the test hands it over as a parameter as well.
  const target = {
    ...azure.target,
    launch: (launch: Parameters<typeof azure.target.launch>[0]) =>
      azure.target.launch({ ...launch, parameters: { ...launch.parameters, execution: launch.executionId } }),
  };
  return {
    target,
    downTarget: azureAutomationTarget(quick(`http://127.0.0.1:${await freePort()}`)),
    jobs: { succeeds: 'Say-Hello', fails: 'Fall-Over', waits: 'Wait', missing: 'No-Such-Runbook' },
    failureText: 'no space left on device',
    logText: 'hello from the job',
    started: async (executionId) => started.filter((one) => one === executionId).length,
    loseAnswers: async () => {
      await azure.faults.arm({ method: 'PUT', path: account, dropAnswer: true, times: 1_000 });
      await azure.faults.arm({ method: 'GET', path: `${account}/jobs`, dropAnswer: true, times: 1_000 });
    },
    undocumentedStatus: (name) =>
      azure.faults.arm({
        path: `${account}/jobs/${name}`,
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name, properties: { status: 'Hibernating' } }),
        times: 1_000,
      }),
    recover: azure.faults.clear,
    close: azure.close,
  };
});
