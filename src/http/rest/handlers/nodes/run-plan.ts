import { abridgeGraphNode } from '../../../../api/client/brief-nodes.js';
import { getNodeInput, getRunGraph } from '../../../../api/endpoints/runs.js';
import { yieldIfBusy } from '../../../../core/event-loop.js';
import { encodeInTurns } from '../../../../core/large-json/encode-in-turns.js';
import { renderGraphNode } from '../../../../core/render/render-checked.js';
import type { RunGraphNode } from '../../../../core/workflow/graph-node.js';
import { outputsReply, sendJson } from '../../../transport/replies.js';
import type { RestRoutes } from '../../rest-routes.js';
import { readRunId } from '../../run-id-parameter.js';

type Graph = readonly RunGraphNode[];
type GraphJson = Promise<string | Buffer>;

/** Nodes whose JSON is written at once: well within a turn of the event loop. */
const NODES_AT_ONCE = 250;

export function addRunPlan(routes: RestRoutes): void {
  const { services } = routes.deps;
  // The graph of a version does not change, and all its runs have the same.
  const whole = new WeakMap<Graph, GraphJson>();
  const brief = new WeakMap<Graph, GraphJson>();
  routes.add(getRunGraph, async ({ caller, param, query }) => {
    const graph = await services.getRunGraph(caller, { runId: readRunId(param) });
    const isBrief = query.nodes === 'brief';
    const json = await writeOnce(isBrief ? brief : whole, graph, (node) => {
      const shown = renderGraphNode(node);
      return isBrief ? abridgeGraphNode(shown) : shown;
    });
    return (exchange) => sendJson(exchange, json);
  });
  routes.add(getNodeInput, async ({ caller, param }) => {
    const { input, fields, error } = await services.getNodeInput(caller, {
      runId: readRunId(param),
      nodeId: param('node'),
    });
    return outputsReply({ input, fields, error });
  });
}

function writeOnce(written: WeakMap<Graph, GraphJson>, graph: Graph, show: (node: RunGraphNode) => object): GraphJson {
  const known = written.get(graph);
  if (known !== undefined) return known;
  const json = write(graph, show);
  written.set(graph, json);
  json.catch(() => written.delete(graph));
  return json;
}

async function write(graph: Graph, show: (node: RunGraphNode) => object): Promise<string | Buffer> {
  const parts: string[] = [];
  for (let from = 0; from < graph.length; from += NODES_AT_ONCE) {
    parts.push(JSON.stringify(graph.slice(from, from + NODES_AT_ONCE).map(show)).slice(1, -1));
    const turn = yieldIfBusy();
    if (turn !== null) await turn;
  }
  return encodeInTurns(`{"nodes":[${parts.join(',')}]}`);
}
