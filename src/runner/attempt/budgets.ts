import { NO_USAGE, type Budget, type Usage } from '../../core/models/models.js';
import { NodeFailure } from '../../core/handlers/node-kind.js';
import { renderRunId } from '../../core/render/run-id.js';
import { rootOf } from '../../core/run/paths/node-path.js';
import { sumUsage } from '../../core/run/run.js';
import { priceSoFar } from '../../core/workflow/price.js';
import type { Plan, PlannedNode } from '../../workflow/plan/plan.js';
import type { NodeExecution } from '../../core/run/node-execution.js';
import type { DriveContext, ItemsUnderWay } from './drive-context.js';

interface Bounded {
  readonly what: string;
  readonly budget: Budget;
  readonly usage: Usage;
  readonly callsUnderWay: number;
  /** Epoch milliseconds. */
  readonly since: number;
}

/**
 * Calls a model, which counts while it is under way: a call whose attempt has timed out may go on. Throws
 * `budget_exceeded` unless the node and the run may make another one.
 */
export async function callWithinBudgets<T>(session: DriveContext, path: string, call: () => Promise<T>): Promise<T> {
  const nodeId = rootOf(path);
  assertTokensArePaid(session, nodeId);
  for (const bounded of listBudgets(session, nodeId)) throwIfExceeded(bounded, (used, limit) => used >= limit);
  const { callsUnderWay } = session;
  callsUnderWay.set(nodeId, (callsUnderWay.get(nodeId) ?? 0) + 1);
  try {
    return await call();
  } finally {
    callsUnderWay.set(nodeId, (callsUnderWay.get(nodeId) ?? 1) - 1);
  }
}

/**
 * Throws `budget_exceeded` once the run has come to what it may cost at most, where tokens of the node cost something:
 * what it used from then on would be paid by nobody.
 */
function assertTokensArePaid({ plan: { price }, log }: DriveContext, nodeId: string): void {
  if (price === null || (price.nodes.get(nodeId) ?? price.rates).perToken === 0) return;
  if (priceSoFar(price, log.run.nodes) < price.max) return;
  throw exceeded(`The run has come to the ${price.max} credits that it may cost at most`);
}

/**
 * Has the items of a node count as if they had completed, until they are taken out of `itemsUnderWay`. Throws
 * `budget_exceeded` where they would take the run above what it may cost. Null where items cost nothing.
 *
 * `known`: of how many items the log has the outcome already.
 */
export function reserveItems(
  session: DriveContext,
  path: string,
  { total, known }: { readonly total: number; readonly known: () => number },
): ItemsUnderWay | null {
  const { price } = session.plan;
  const nodeId = rootOf(path);
  if (price === null || (price.nodes.get(nodeId) ?? price.rates).perItem === 0) return null;
  const isInner = path !== nodeId;
  const own = { nodeId, isInner, left: isInner ? total - known() : total };
  const credits = priceSoFar(price, withItems(session.log.run.nodes, [...session.itemsUnderWay, own]));
  if (credits > price.max)
    throw exceeded(
      `With its ${total} items the run would come to ${credits} credits, and it may cost ${price.max} at most. Split them over several runs.`,
    );
  session.itemsUnderWay.add(own);
  return own;
}

/** The nodes as they are once these items have completed. */
function withItems(nodes: readonly NodeExecution[], underWay: readonly ItemsUnderWay[]): readonly NodeExecution[] {
  return nodes.map((node) =>
    underWay.reduce((sum, { nodeId, isInner, left }) => {
      if (nodeId !== node.id) return sum;
      if (isInner) return { ...sum, innerItems: (sum.innerItems ?? 0) + left };
      return { ...sum, items: { total: left, done: left, failed: 0 } };
    }, node),
  );
}

/**
 * Has a call count in the budgets that the run shares with others, and calls that runs of this process have under way
 * with it. Throws `budget_exceeded` where one of them is used up. Gives what ends the call: to be called when what it
 * used is committed.
 */
export async function beginSharedCall({ log, children, clock }: DriveContext): Promise<() => Promise<void>> {
  const { sharedBudgets } = log.run;
  if (sharedBudgets === undefined) return async () => undefined;
  const { sharedCalls } = children;
  for (;;) {
    const { ended } = sharedCalls;
    const budgets = await children.listBudgets({ runIds: sharedBudgets });
    // They may lack what such a call used.
    if (sharedCalls.ended !== ended) continue;
    for (const { runId, limits, calls, tokens, costMicros } of budgets) {
      const usage = { ...NO_USAGE, calls, inputTokens: tokens, costMicros };
      const what = `Run ${renderRunId(runId)}, together with the runs that it has started,`;
      const callsUnderWay = sharedCalls.underWay(runId);
      throwIfExceeded({ what, budget: limits, usage, callsUnderWay, since: clock.now() }, (used, most) => used >= most);
    }
    const end = sharedCalls.begin(sharedBudgets);
    return async () => {
      // Calls that came to nothing are counted a little later than they end.
      await log.commit().catch(() => undefined);
      end();
    };
  }
}

/** Throws `budget_exceeded` when what was used is more than the node or the run may use. */
export function assertWithinBudgets(session: DriveContext, nodeId: string): void {
  for (const bounded of listBudgets(session, nodeId)) throwIfExceeded(bounded, (used, limit) => used > limit);
}

/**
 * How long the node may still work by the seconds of its budget and the run's, and what it fails with then; null: by
 * these, for ever.
 */
export function findDeadline(
  session: DriveContext,
  nodeId: string,
): { readonly leftMs: number; readonly failure: NodeFailure } | null {
  let first: { readonly leftMs: number; readonly failure: NodeFailure } | null = null;
  for (const { what, budget, since } of listBudgets(session, nodeId)) {
    if (budget.seconds === undefined) continue;
    const leftMs = Math.max(0, since + budget.seconds * 1_000 - session.clock.now());
    if (first !== null && first.leftMs <= leftMs) continue;
    first = { leftMs, failure: exceeded(`${what} took longer than its budget of ${budget.seconds} seconds`) };
  }
  return first;
}

/** What a node inside another one uses is that one's. */
function listBudgets(session: DriveContext, path: string): readonly Bounded[] {
  const { plan, log, callsUnderWay } = session;
  if (!plan.isBudgeted) return NONE;
  const nodeId = rootOf(path);
  const planned = findBudgeted(plan).get(nodeId);
  const nodeBudget = planned?.budget ?? null;
  if (nodeBudget === null && plan.budget === null) return NONE;
  const { run } = log;
  const bounds: Bounded[] = [];
  if (nodeBudget !== null) {
    const execution = run.nodes.find((node) => node.id === nodeId);
    bounds.push({
      what: planned?.label ?? nodeId,
      budget: nodeBudget,
      usage: execution?.usage ?? NO_USAGE,
      callsUnderWay: callsUnderWay.get(nodeId) ?? 0,
      since: execution?.startedAt ?? session.clock.now(),
    });
  }
  if (plan.budget !== null) {
    const usage = sumUsage(run) ?? NO_USAGE;
    bounds.push({
      what: 'The run',
      budget: plan.budget,
      usage,
      callsUnderWay: [...callsUnderWay.values()].reduce((sum, calls) => sum + calls, 0),
      since: run.startedAt ?? run.createdAt,
    });
  }
  return bounds;
}

const NONE: readonly Bounded[] = [];

/** By id, the nodes with budgets of their own. Asked for with each attempt at any node of such a plan. */
const budgeted = new WeakMap<Plan, ReadonlyMap<string, PlannedNode>>();

function findBudgeted(plan: Plan): ReadonlyMap<string, PlannedNode> {
  let nodes = budgeted.get(plan);
  if (nodes === undefined) {
    nodes = new Map(plan.nodes.filter(({ budget }) => budget !== null).map((node) => [node.id, node]));
    budgeted.set(plan, nodes);
  }
  return nodes;
}

function throwIfExceeded(
  { what, budget, usage, callsUnderWay }: Bounded,
  isOver: (used: number, limit: number) => boolean,
): void {
  const { tokens, cost, calls } = budget;
  const usedTokens = usage.inputTokens + usage.outputTokens;
  const usedCost = usage.costMicros / 1_000_000;
  if (calls !== undefined && isOver(usage.calls + callsUnderWay, calls)) {
    throw exceeded(`${what} has used its budget of ${calls} model calls`);
  }
  if (tokens !== undefined && isOver(usedTokens, tokens)) {
    throw exceeded(`${what} has used ${usedTokens} of the ${tokens} tokens of its budget`);
  }
  if (cost !== undefined && isOver(usedCost, cost)) {
    throw exceeded(`${what} has used ${dollars(usedCost)} of the ${dollars(cost)} of its budget`);
  }
}

function dollars(amount: number): string {
  return `$${amount.toFixed(amount < 0.01 ? 6 : 4)}`;
}

function exceeded(message: string): NodeFailure {
  return new NodeFailure(message, { kind: 'budget_exceeded', retryable: false, anew: true });
}
