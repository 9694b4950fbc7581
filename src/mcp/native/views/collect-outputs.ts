import type { Json, JsonObject } from '../../../core/json.js';
import { isInnerPath } from '../../../core/run/paths/node-path.js';
import { nodeUri, OUTPUT_LIMITS, outputFields } from '../../tool-kit/cut-output.js';

/** What the nodes gave, each cut to a size and all of them to another; the nodes that come first are shown first. */
export async function collectOutputs(
  runId: string,
  outputs: AsyncIterable<{ readonly nodeId: string; readonly output: Json }>,
): Promise<ReadonlyMap<string, JsonObject>> {
  const collected = new Map<string, JsonObject>();
  let left: number = OUTPUT_LIMITS.nodes;
  for await (const { nodeId, output } of outputs) {
    // There may be thousands; each can be read by itself.
    if (isInnerPath(nodeId)) continue;
    const limits = { most: Math.min(OUTPUT_LIMITS.node, left), resource: nodeUri(runId, nodeId) };
    const { fields, size } = outputFields(output, limits);
    collected.set(nodeId, fields);
    left -= size;
  }
  return collected;
}
