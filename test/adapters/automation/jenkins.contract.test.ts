import { jenkinsTarget } from '../../../src/adapters/automation/jenkins.ts';
import type { JobDefinition, Work } from '../../../src/sandbox/jenkins/definitions.ts';
import type { JenkinsOptions } from '../../../src/sandbox/jenkins/server.ts';
import { type TargetWorld, targetContract } from '../../contract/target.ts';
import { hello, jenkinsWorld, job, quick, untilStopped } from './jenkins-world.ts';
import { freePort } from './ops-api-world.ts';

const failing: Work = () => Promise.reject(new Error('no space left on device'));

/** The world of the contract, for jobs of one kind in one folder. */
async function world(
  kind: NonNullable<JobDefinition['kind']>,
  folder: string,
  options: Partial<JenkinsOptions> = {},
): Promise<TargetWorld> {
  const started: string[] = [];
  const counted =
    (work: Work): Work =>
    (parameters, ...rest) => {
      started.push(String(parameters['EXECUTION_ID']));
      return work(parameters, ...rest);
    };
  const jobs = [
    job(`${folder}say-hello`, counted(hello), { kind }),
    job(`${folder}fall-over`, counted(failing), { kind }),
    job(`${folder}wait`, counted(untilStopped), { kind }),
  ];
  const jenkins = await jenkinsWorld(jobs, {}, options);
  const context = options.contextPath ?? '';
  return {
    target: jenkins.target,
    downTarget: jenkinsTarget(quick(`http://127.0.0.1:${await freePort()}`)),
    jobs: {
      succeeds: `${folder}say-hello`,
      fails: `${folder}fall-over`,
      waits: `${folder}wait`,
      missing: `${folder}no-such-job`,
    },
    failureText: 'no space left on device',
    logText: 'hello from the job',
    started: async (executionId) => started.filter((one) => one === executionId).length,
    loseAnswers: () =>
      jenkins.faults.arm({ method: 'POST', path: context || '/', dropAnswer: true, times: 1_000 }),
    undocumentedStatus: async (externalId) => {
      // until it has left the queue there is no build whose result could be strange
      while ((await jenkins.target.poll(externalId)).state === 'queued');
      const parameters = [{ name: 'EXECUTION_ID', value: externalId.split('/')[2] }];
      await jenkins.faults.arm({
        path: `${context}/job/`,
        method: 'GET',
        status: 200,
        headers: { 'content-type': 'application/json', 'x-jenkins': '2.516.3' },
        body: JSON.stringify({ number: 1, building: false, result: 'HIBERNATED', actions: [{ parameters }] }),
        times: 1_000,
      });
    },
    recover: jenkins.faults.clear,
    close: jenkins.close,
  };
}

targetContract('Jenkins with pipelines in folders', () => world('pipeline', 'team/web app/'));
targetContract('Jenkins with freestyle jobs below a context path', () =>
  world('freestyle', '', { contextPath: '/jenkins', reportedUrl: 'http://127.0.0.1:9/jenkins' }),
);
