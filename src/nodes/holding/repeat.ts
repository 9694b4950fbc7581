import { NodeFailure, type NodeKind } from '../../core/handlers/node-kind.js';
import { DEFAULT_CONCURRENCY, heldConcurrency, heldNodes, resultOfNodes } from './held-nodes.js';

const MAX_ROUNDS = 10_000;

/** Runs the nodes that it holds round by round, until a condition holds. */
export const repeatKind: NodeKind = {
  kind: 'repeat',
  description: 'Runs the nodes that it holds again and again, until a condition holds.',
  fields: {
    nodes: {
      ...heldNodes('The nodes of a round; they see `round`, and as `previous` what the round before gave.'),
      inRounds: true,
    },
    until: {
      description: 'The condition, looked at after each round; it sees the nodes of the round, and its `output`.',
      schema: { type: 'string', minLength: 1 },
      required: true,
      role: 'outcome',
      isCondition: true,
    },
    at_most: {
      description: 'How many rounds there may be.',
      schema: { type: 'integer', minimum: 1, maximum: MAX_ROUNDS },
      required: true,
      role: 'plain',
    },
    when_exhausted: {
      description:
        '`fail` (the default): the node fails when the condition has not held. `continue`: the last round counts.',
      schema: { enum: ['fail', 'continue'] },
      role: 'plain',
    },
    result: resultOfNodes,
    concurrency: heldConcurrency,
  },
  givesJson: true,
  async execute(context) {
    const { at_most: given, when_exhausted: whenExhausted, concurrency } = context.fields;
    const atMost = Number(given);
    const { output, rounds, isDone } = await context.runRounds({
      atMost,
      concurrency: typeof concurrency === 'number' ? concurrency : DEFAULT_CONCURRENCY,
      onRound: (round) => context.progress((100 * round) / (atMost + 1), `${round} of at most ${atMost} rounds done`),
    });
    if (!isDone && whenExhausted !== 'continue') {
      throw new NodeFailure(`Its condition did not hold after ${rounds} rounds`, { kind: 'rounds_exhausted' });
    }
    if (context.node.role !== null && typeof output === 'string') context.findings(output);
    return output;
  },
};
