import type { FieldProblem, NodeKind } from '../../core/handlers/node-kind.js';
import { hasNeeds, heldFields, heldNodes, resultOfNodes } from './held-nodes.js';

/** Runs the first of the nodes that it holds whose condition holds. */
export const switchKind: NodeKind = {
  kind: 'switch',
  description: 'Runs the first of its cases whose condition holds.',
  fields: {
    cases: heldNodes('Nodes, each with a `when`; one without, the last of them, is for all else.'),
    result: resultOfNodes,
  },
  givesJson: true,
  check({ cases }) {
    const held = heldFields(cases);
    return held.flatMap((node, index): FieldProblem[] => {
      const problems: FieldProblem[] = [];
      if (hasNeeds(node)) {
        problems.push({
          field: 'cases',
          at: [index, 'needs'],
          message: 'one case does not need another: one of them runs',
        });
      }
      if (node['when'] === undefined && index < held.length - 1) {
        problems.push({
          field: 'cases',
          at: [index],
          message: 'needs a "when": without one, no case after it can run',
        });
      }
      return problems;
    });
  },
  async execute(context) {
    const { output } = await context.runNodes({ shape: 'firstThatHolds', concurrency: 1 });
    if (context.node.role !== null && typeof output === 'string') context.findings(output);
    return output;
  },
};
