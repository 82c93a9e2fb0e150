import { awxTarget } from '../../../src/adapters/automation/awx.ts';
import type { JobTemplate, Playbook, WorkflowTemplate } from '../../../src/sandbox/awx/templates.ts';
import { type TargetWorld, targetContract } from '../../contract/target.ts';
import { awxWorld, hello, quick, template, untilCancelled, variable } from './awx-world.ts';
import { freePort } from './ops-api-world.ts';

const failing: Playbook = () => Promise.reject(new Error('no space left on device'));

/** The world of the contract, for templates of one kind. */
async function world(
  kind: 'job' | 'workflow',
  templates: (counted: (playbook: Playbook) => Playbook) => {
    readonly jobs: readonly JobTemplate[];
    readonly workflows?: readonly WorkflowTemplate[];
  },
  product: 'awx' | 'gateway' = 'awx',
): Promise<TargetWorld> {
  const started: string[] = [];
  const counted =
    (playbook: Playbook): Playbook =>
    (variables, ...rest) => {
      started.push(String(variables[variable]));
      return playbook(variables, ...rest);
    };
  const { jobs, workflows = [] } = templates(counted);
  const awx = await awxWorld(jobs, {}, { workflowTemplates: workflows, product });
  const root = product === 'awx' ? '/api/v2' : '/api/controller/v2';
  const resource = kind === 'job' ? 'jobs' : 'workflow_jobs';
  return {
    target: awx.target,
    downTarget: awxTarget(quick(`http://127.0.0.1:${await freePort()}`)),
    jobs: {
      succeeds: `${kind}:Say hello`,
      fails: `${kind}:Fall over`,
      waits: `${kind}:Wait`,
      missing: `${kind}:No such template`,
    },
    failureText: 'no space left on device',
    logText: 'hello from the job',
    started: async (executionId) => started.filter((one) => one === executionId).length,
    loseAnswers: () => awx.faults.arm({ method: 'POST', path: root, dropAnswer: true, times: 1_000 }),
    undocumentedStatus: (externalId) => {
      const id = Number(externalId.split('-')[1]);
      return awx.faults.arm({
        path: `${root}/${resource}/${id}/`,
        method: 'GET',
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ id, type: kind === 'job' ? 'job' : 'workflow_job', status: 'hibernating' }),
        times: 1_000,
      });
    },
    recover: awx.faults.clear,
    close: awx.close,
  };
}

const jobTemplates = (counted: (playbook: Playbook) => Playbook) => ({
  jobs: [
    template('Say hello', counted(hello)),
    template('Fall over', counted(failing)),
    template('Wait', counted(untilCancelled)),
  ],
});
const workflow = (name: string, node: string): WorkflowTemplate => ({
  name,
  asks: ['variables'],
  allowSimultaneous: true,
  nodes: [{ identifier: 'only', template: node }],
});

targetContract('AWX with job templates', () => world('job', jobTemplates));
targetContract('Automation Platform behind its gateway', () => world('job', jobTemplates, 'gateway'));
targetContract('AWX with workflow templates', () =>
  world('workflow', (counted) => ({
    jobs: [
      template('hello', counted(hello)),
      template('fail', counted(failing)),
      template('wait', counted(untilCancelled)),
    ],
    workflows: [workflow('Say hello', 'hello'), workflow('Fall over', 'fail'), workflow('Wait', 'wait')],
  })),
);
