import type { NodeKind } from '../../core/handlers/node-kind.js';
import { DEFAULT_CONCURRENCY, heldConcurrency, heldNodes, resultOfNodes, describeDone } from './held-nodes.js';

/** Holds nodes that may need each other, as a workflow does. */
export const groupKind: NodeKind = {
  kind: 'group',
  description: 'Runs the nodes that it holds, as a workflow does.',
  fields: {
    nodes: heldNodes('The nodes, as those of a workflow; their needs name each other.'),
    result: resultOfNodes,
    concurrency: heldConcurrency,
  },
  givesJson: true,
  async execute(context) {
    const { concurrency } = context.fields;
    const { output } = await context.runNodes({
      shape: 'all',
      concurrency: typeof concurrency === 'number' ? concurrency : DEFAULT_CONCURRENCY,
      onEnd: (ended, total) => context.progress((100 * ended) / total, describeDone(ended, total)),
    });
    if (context.node.role !== null && typeof output === 'string') context.findings(output);
    return output;
  },
};
