import type { Job } from './job-store.ts';
import type { Template, WorkflowNode } from './templates.ts';

type Workflow = Extract<Template, { kind: 'workflow' }>;
type Ends = ReadonlyMap<string, Job['status']>;

/** Runs the nodes of a workflow one after the other; the answer says whether it failed, as AWX judges it. */
export async function followNodes(
  workflow: Workflow,
  signal: AbortSignal,
  runNode: (node: WorkflowNode) => Promise<Job['status']>,
): Promise<'successful' | 'failed'> {
  const ends = new Map<string, Job['status']>();
  for (let node = nextNode(workflow, ends); node !== undefined; node = nextNode(workflow, ends)) {
    ends.set(node.identifier, await runNode(node));
    signal.throwIfAborted();
  }
  return workflow.nodes.some((node) => isUnhandled(workflow, node, ends)) ? 'failed' : 'successful';
}

function nextNode({ nodes }: Workflow, ends: Ends): WorkflowNode | undefined {
  return nodes.find(({ identifier, after }) => {
    if (ends.has(identifier)) return false;
    if (after === undefined) return true;
    const end = ends.get(after.node);
    if (end === undefined) return false;
    return after.on === 'always' || (after.on === 'success') === (end === 'successful');
  });
}

/** A node that failed fails the workflow, unless another one is there for that case. */
function isUnhandled({ nodes }: Workflow, { identifier }: WorkflowNode, ends: Ends): boolean {
  const end = ends.get(identifier);
  if (end === undefined || end === 'successful') return false;
  return !nodes.some(({ after }) => after?.node === identifier && after.on !== 'success');
}
