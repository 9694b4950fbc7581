import { cutText } from '../../core/text/cut-text.js';
import { chargeShare, chargeWhole, chargeWithoutResult } from '../../core/workflow/price.js';
import { PAYLOAD_LIMITS } from '../../core/text/payload-limits.js';
import type { RunEventBody } from '../../core/run/events.js';
import type { Json } from '../../core/json.js';
import type { NodeExecution } from '../../core/run/node-execution.js';
import { listAgents, type Run, type RunError } from '../../core/run/run.js';
import type { Plan } from '../../workflow/plan/plan.js';
import { describeFailure } from '../timing/retry.js';
import { chanceNow, createScope, type DriveContext } from '../attempt/drive-context.js';
import { assertSize } from '../../workflow/plan/to-json.js';

export type RunEnd = Extract<RunEventBody, { kind: 'run.completed' | 'run.partially_completed' | 'run.failed' }>;

/** What a run comes to whose nodes have all ended, none with a failure that was not allowed. */
export async function endRun(session: DriveContext): Promise<RunEnd> {
  const { run } = session.log;
  const agents = listAgents(run);
  const failed = agents.filter((agent) => agent.status === 'failed');
  const completed = agents.filter((agent) => agent.status === 'completed');
  const [first] = failed;
  if (first !== undefined && completed.length === 0) {
    return {
      kind: 'run.failed',
      error: toRunError(first, `None of the agents succeeded. ${first.label ?? first.id}: `),
    };
  }
  const result = await computeResult(session);
  const summary = result.error === null ? await computeSummary(session, result.output) : buildSummary(run);
  if (failed.length > 0) {
    return {
      kind: 'run.partially_completed',
      ...(result.error === null ? { output: result.output } : {}),
      outputError: result.error?.message ?? null,
      summary,
      creditsConsumed: chargeShare(session.plan, run),
    };
  }
  if (result.error !== null) {
    return { kind: 'run.failed', error: result.error, ...computeChargeWithoutResult(session) };
  }
  return { kind: 'run.completed', output: result.output, summary, creditsConsumed: chargeWhole(session.plan, run) };
}

interface ChargedRun {
  readonly log: DriveContext['log'];
  /** Null when it cannot be made any more. */
  readonly plan: Pick<Plan, 'charge' | 'price'> | null;
}

/** What a run costs that fails or is cancelled. Without a word of it, no more than before. */
export function computeChargeWithoutResult({ plan, log }: ChargedRun): { readonly creditsConsumed?: number } {
  const creditsConsumed = plan === null ? null : chargeWithoutResult(plan, log.run);
  return creditsConsumed === null ? {} : { creditsConsumed };
}

export function toRunError(node: NodeExecution, prefix = ''): RunError {
  const { kind, message } = node.error ?? { kind: 'error', message: 'unknown error' };
  return { kind, message: `${prefix}${message}`, nodeId: node.id };
}

type Result = { readonly output: Json; readonly error: null } | { readonly error: RunError };

async function computeResult(session: DriveContext): Promise<Result> {
  const { plan } = session;
  try {
    const last = plan.nodes.at(-1);
    const output =
      plan.result === null
        ? ((last && session.outputs.get(last.id)) ?? null)
        : await assertSize(await plan.result.evaluate(createScope(session), chanceNow(session, 'result')));
    const problems = await plan.checkOutput(output);
    if (problems.length === 0) return { output: await session.secrets.jsonInTurns(output), error: null };
    const list = problems.map((problem) => `${problem.path || '/'} ${problem.message}`).join('; ');
    const message = `The result does not fit the workflow's output schema: ${list}`;
    return { error: { kind: 'invalid_output', message, nodeId: null } };
  } catch (thrown) {
    return { error: { ...describeFailure(thrown).error, nodeId: null } };
  }
}

/** The workflow's own summary; what the agents found when it has none, or when it cannot be evaluated. */
async function computeSummary(session: DriveContext, output: Json): Promise<string> {
  const { plan, log } = session;
  if (plan.summary === null) return buildSummary(log.run);
  try {
    const scope = { ...createScope(session), item: output };
    const text = await plan.summary.evaluate(scope, chanceNow(session, 'summary'));
    return typeof text === 'string' && text !== '' ? cutText(text, PAYLOAD_LIMITS.summary) : buildSummary(log.run);
  } catch (thrown) {
    session.logger.warn(
      { runId: log.run.id, error: describeFailure(thrown).error.message },
      'No summary could be made',
    );
    return buildSummary(log.run);
  }
}

function buildSummary(run: Run): string {
  const lines = listAgents(run).map((agent) => {
    const name = agent.label ?? agent.id;
    if (agent.status === 'failed') return `${name} failed: ${agent.error?.message ?? 'unknown error'}`;
    if (agent.status === 'skipped') return `${name} was skipped.`;
    if (agent.usedFallback === true)
      return `${name} failed and its fallback was used: ${agent.error?.message ?? 'unknown error'}`;
    return agent.findings === null ? `${name} completed.` : `${name}: ${agent.findings}`;
  });
  const text = lines.length === 0 ? `${run.workflowName} completed.` : lines.join('\n');
  return cutText(text, PAYLOAD_LIMITS.summary);
}
