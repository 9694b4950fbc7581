import { NodeFailure } from '../../core/handlers/node-kind.js';
import { ErrandError } from '../../core/errors.js';
import type { Json } from '../../core/json.js';
import type { NodeExecution } from '../../core/run/node-execution.js';
import type { Run, RunListItem } from '../../core/run/run.js';
import type { Principal } from '../../core/tenant/principal.js';
import { rootOf } from '../../core/run/paths/node-path.js';
import { tellMoment } from '../../core/time/moment.js';
import { prepareNode } from '../../runner/attempt/prepare-node.js';
import type { ExpressionScope, NodeScope, Plan, PlannedNode } from '../../workflow/plan/plan.js';
import { workflowKeyOfRun } from '../../core/workflow/workflow-key.js';
import type { RunGraphNode } from '../../core/workflow/graph-node.js';
import type { NodeInput } from '../interface/services.js';
import type { ServiceDeps } from '../use-case/deps.js';
import { InnerLog, openInner, type Place, unknownNode } from './inner-place.js';
import { readRunLog } from './read-run-log.js';
import { getRun, getRunItem } from './runs.js';

/** Made once of a plan. */
const GRAPHS = new WeakMap<Plan, readonly RunGraphNode[]>();

/** The nodes of the version that the run is on, with what each of them needs: the same list for all its runs. */
export async function getRunGraph(
  deps: ServiceDeps,
  caller: Principal,
  runId: string,
): Promise<readonly RunGraphNode[]> {
  const plan = await planOf(deps, await getRunItem(deps, caller, runId));
  const known = GRAPHS.get(plan);
  if (known !== undefined) return known;
  const graph = plan.nodes.map(toGraphNode);
  GRAPHS.set(plan, graph);
  return graph;
}

function toGraphNode(node: PlannedNode): RunGraphNode {
  const { id, kind, needs, join, when, inner } = node;
  return {
    id,
    kind: kind.kind,
    needs,
    join,
    conditional: when !== null,
    innerKind: inner?.kind.kind ?? null,
    nodes: (node.body ?? inner?.body)?.nodes.map(toGraphNode) ?? [],
    numbered: inner !== null || Object.values(kind.fields).some(({ inRounds }) => inRounds === true),
  };
}

/**
 * What a node was given: its `with` and the fields of its kind, evaluated anew as its latest attempt had them. Secrets
 * are not opened: their names stand in their places. `nodeId` may be the path of a node inside others.
 */
export async function getNodeInput(
  deps: ServiceDeps,
  caller: Principal,
  { runId, nodeId: path }: { readonly runId: string; readonly nodeId: string },
): Promise<NodeInput> {
  const run = await getRun(deps, caller, runId);
  const rootId = rootOf(path);
  const execution = run.nodes.find(({ id }) => id === rootId);
  if (execution === undefined) throw unknownNode(path);
  const plan = await planOf(deps, run);
  const node = plan.nodes.find(({ id }) => id === rootId);
  if (node === undefined || !hasBegun(execution)) {
    throw new ErrandError('conflict', `The node is ${execution.status}: it has been given nothing.`);
  }
  const log = new InnerLog(path);
  const scope = await readScope(deps, { run, plan, node, log });
  const chance =
    execution.fixedAt === undefined || !node.volatile
      ? undefined
      : { seed: `${run.id} ${rootId}`, at: execution.fixedAt };
  const root: Place = { path: rootId, node, scope, chance };
  try {
    const place = await openInner(root, path, { log, runId: run.id, secrets: NAMES_ONLY });
    const { input, fields } = await prepareNode({ ...place, secrets: NAMES_ONLY });
    return { input, fields, error: null };
  } catch (thrown) {
    if (!(thrown instanceof NodeFailure)) throw thrown;
    return { input: null, fields: {}, error: { kind: thrown.kind, message: thrown.message } };
  }
}

/** As texts have it that a secret was taken out of. */
const NAMES_ONLY = {
  open: async (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, `[secret ${name}]`])),
};

function planOf({ catalog }: ServiceDeps, run: RunListItem | Run): Promise<Plan> {
  return catalog.planOf({ workflowId: workflowKeyOfRun(run), version: run.workflowVersion });
}

function hasBegun({ status, attempt }: NodeExecution): boolean {
  return attempt > 0 || status === 'failed';
}

interface Asked {
  readonly run: Run;
  readonly plan: Plan;
  readonly node: PlannedNode;
  /** Is told of all that the log says. */
  readonly log: InnerLog;
}

/** What the expressions of the node see. */
async function readScope(deps: ServiceDeps, { run, plan, node, log }: Asked): Promise<ExpressionScope> {
  const before = findAncestors(plan, node);
  const { input, outputs } = await readOutputs(deps, run, before, log);
  const organization = await deps.store.organizations.get({ id: run.organizationId });
  const nodes: Record<string, NodeScope> = {};
  for (const { id, status, error, findings } of run.nodes) {
    if (!before.has(id)) continue;
    const output = outputs.get(id);
    nodes[id] = output === undefined ? { status, error, findings } : { status, output, error, findings };
  }
  const { id, workflowId, workflowVersion, createdAt } = run;
  return {
    input,
    nodes,
    organization: { id: run.organizationId, name: organization?.name ?? '' },
    run: { id, workflowId, workflowVersion, createdAt: tellMoment(createdAt) },
  };
}

/** The nodes that a node may read. */
function findAncestors(plan: Plan, node: PlannedNode): ReadonlySet<string> {
  const byId = new Map(plan.nodes.map((each) => [each.id, each]));
  const found = new Set(node.needs);
  for (const id of found) for (const need of byId.get(id)?.needs ?? []) found.add(need);
  return found;
}

async function readOutputs(
  deps: ServiceDeps,
  run: Run,
  wanted: ReadonlySet<string>,
  log: InnerLog,
): Promise<{ readonly input: Json; readonly outputs: ReadonlyMap<string, Json> }> {
  const outputs = new Map<string, Json>();
  let input: Json = null;
  for await (const event of readRunLog(deps, run.id)) {
    if (event.seq > run.version) break;
    log.add(event);
    if (event.kind === 'run.created') input = event.input;
    if (event.kind === 'node.completed' && wanted.has(event.nodeId)) outputs.set(event.nodeId, event.output);
    if (event.kind === 'run.retried') for (const id of [...event.resumed, ...event.reset]) outputs.delete(id);
  }
  return { input, outputs };
}
