import type { StepOutcome } from '../../core/run/events.js';
import type { Json } from '../../core/json.js';
import { renderRunId } from '../../core/render/run-id.js';
import { tellMoment } from '../../core/time/moment.js';
import type { NodeExecution, Question } from '../../core/run/node-execution.js';
import { isTerminal, type Run } from '../../core/run/run.js';
import type { AttemptOutcome, EndedAttempt, FailedAttempt } from '../timing/retry.js';

/** What a node comes to whose wait has lasted until `waitingUntil`; null when it is to be tried again. */
export function outcomeOfTime(node: NodeExecution): AttemptOutcome | null {
  switch (node.waitingFor) {
    case 'time':
      return completed({ until: tellMoment(node.waitingUntil ?? 0) });
    case 'answer':
      if (node.question?.default !== undefined) return completed(node.question.default);
      return failed('timeout', 'Nobody answered in time');
    case 'event':
      if (node.event?.default !== undefined) return completed(node.event.default);
      return failed('timeout', 'No such event came in time');
    case 'run':
      return failed('timeout', 'The run that it started took too long');
    default:
      return null;
  }
}

/** Whether a node still asks what it asked when it was answered: a later attempt may ask something else. */
export function isSameQuestion(given: Question, asked: Question | undefined): boolean {
  return given.message === asked?.message && JSON.stringify(given.schema) === JSON.stringify(asked.schema);
}

/** What a node comes to through the run that it started; null while that one goes on. */
export function outcomeOfChild(child: Run | null): EndedAttempt | null {
  if (child === null) return failed('not_found', 'The run that it started is not kept any more');
  if (!isTerminal(child.status)) return null;
  if (child.output !== undefined) return completed(child.output);
  const name = `${child.workflowName} (${renderRunId(child.id)})`;
  if (child.status === 'cancelled') return failed('cancelled', `${name} was cancelled`);
  const error = child.error ?? { kind: 'invalid_output', message: child.outputError ?? 'unknown error' };
  return failed(error.kind, `${name} failed: ${error.message}`);
}

/** The same, as what a step gives. */
export function stepOutcome(ended: EndedAttempt): StepOutcome {
  return ended.status === 'completed' ? ended : { status: 'failed', error: ended.error };
}

/** How far a run is: its agents' progress on average, or all its nodes' when it has no agents. */
export function computeProgress(run: Pick<Run, 'nodes'>): number {
  const agents = run.nodes.filter((node) => node.role !== null);
  const counted = agents.length === 0 ? run.nodes : agents;
  const total = counted.reduce((sum, node) => sum + (node.status === 'skipped' ? 100 : node.progress), 0);
  return Math.floor(total / Math.max(1, counted.length));
}

function completed(output: Json): EndedAttempt {
  return { status: 'completed', output };
}

function failed(kind: string, message: string): FailedAttempt {
  return { status: 'failed', error: { kind, message }, retryable: true, retryAfterMs: null };
}
