import type { FieldProblem, NodeKind } from '../../core/handlers/node-kind.js';
import { hasNeeds, heldFields, heldNodes } from './held-nodes.js';

const MAX_BRANCHES = 100;
const NO_NEEDS = 'one branch does not need another: they begin at the same time';

/** Runs the nodes that it holds at once, until the first has completed. */
export const raceKind: NodeKind = {
  kind: 'race',
  description: 'Runs its branches at the same time, until the first has succeeded; the others are ended.',
  fields: {
    branches: heldNodes('Nodes, which all begin at once.'),
  },
  givesJson: true,
  check({ branches }) {
    const held = heldFields(branches);
    const problems: FieldProblem[] = held.flatMap((node, index) =>
      hasNeeds(node) ? [{ field: 'branches', at: [index, 'needs'], message: NO_NEEDS }] : [],
    );
    if (held.length > MAX_BRANCHES) problems.push({ field: 'branches', message: `must be at most ${MAX_BRANCHES}` });
    return problems;
  },
  async execute(context) {
    const { output, telling } = await context.runNodes({ shape: 'race', concurrency: MAX_BRANCHES });
    if (context.node.role !== null) context.findings(`${telling ?? 'None'} was first.`);
    return { winner: telling, output };
  },
};
