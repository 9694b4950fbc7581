import type { StepOutcome } from '../core/run/events.js';
import type { Json } from '../core/json.js';
import { NodeFailure, type NodeKind } from '../core/handlers/node-kind.js';

const DEFAULT_CONCURRENCY = 10;

/** Runs a node once for each item of an array; the output is the array of outputs in the items' order. */
export const mapKind: NodeKind = {
  kind: 'map',
  description: 'Runs a node for each item of an array.',
  fields: {
    over: {
      description: 'The array, mostly an expression.',
      schema: { type: 'array' },
      required: true,
      role: 'template',
      takesSequence: true,
    },
    do: {
      description: 'The node to run for each item; its templates see `item` and `index`.',
      schema: { type: 'object' },
      required: true,
      role: 'node',
    },
    concurrency: {
      description: `How many items are worked on at the same time; ${DEFAULT_CONCURRENCY} when not given.`,
      schema: { type: 'integer', minimum: 1, maximum: 1_000 },
      role: 'plain',
    },
    on_item_error: {
      description: '`fail` (the default): the first item that fails ends the node. `continue`: its output is null.',
      schema: { enum: ['fail', 'continue'] },
      role: 'plain',
    },
  },
  givesJson: true,
  async execute(context) {
    const items = context.fields['over'];
    if (!Array.isArray(items))
      throw new NodeFailure('"over" is not an array', { kind: 'invalid_config', retryable: false });
    if (items.length === 0) return [];
    const { concurrency } = context.fields;
    const stopOnFailure = context.fields['on_item_error'] !== 'continue';
    const outcomes = await context.runItems({
      items: items as readonly Json[],
      concurrency: typeof concurrency === 'number' ? concurrency : DEFAULT_CONCURRENCY,
      stopOnFailure,
      onEnd: (ended, failed) =>
        context.progress((100 * ended) / items.length, tellProgress(ended, failed, items.length)),
    });
    if (stopOnFailure) assertNoneFailed(outcomes);
    if (context.node.role !== null) context.findings(tellEnd(outcomes));
    return outcomes.map((outcome) => (outcome.status === 'completed' ? outcome.output : null));
  },
};

function tellProgress(ended: number, failed: number, total: number): string {
  return `${ended} of ${total} items done${failed === 0 ? '' : `, ${failed} failed`}`;
}

/** What an agent has to say that does the same for each of many. */
function tellEnd(outcomes: readonly StepOutcome[]): string {
  const done = outcomes.filter(({ status }) => status === 'completed').length;
  const failed = outcomes.length - done;
  return `${done} of ${outcomes.length} done${failed === 0 ? '' : `, ${failed} failed`}.`;
}

/** After a failure there may be holes: items that were never started. */
function assertNoneFailed(outcomes: readonly (StepOutcome | undefined)[]): void {
  for (const [index, outcome] of outcomes.entries()) {
    if (outcome?.status !== 'failed') continue;
    const { kind, message } = outcome.error;
    throw new NodeFailure(`item ${index}: ${message}`, { kind });
  }
}
