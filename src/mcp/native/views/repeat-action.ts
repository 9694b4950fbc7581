import type { Run } from '../../../core/run/run.js';
import type { ToolOutcome } from '../../contract/contract.js';
import { renderRunId } from '../../../core/render/run-id.js';

/**
 * What to do about a run that an idempotency key was used for before and that has come to nothing; null for any other.
 */
export function repeatAction({ id, status }: Pick<Run, 'id' | 'status'>): string | null {
  if (status !== 'failed' && status !== 'cancelled') return null;
  const ended = status === 'failed' ? 'has failed' : 'was cancelled';
  return (
    `This run was started earlier with the same idempotency key, and it ${ended}. Nothing new was started. ` +
    `To continue it, call retry_run with run_id "${renderRunId(id)}". To start the work again, use a new idempotency key.`
  );
}

/**
 * The answer to a call with an idempotency key; of a repeated one, with what to do where its run has come to nothing.
 */
export function tellRepeat(outcome: ToolOutcome, run: Run, created: boolean): ToolOutcome {
  const action = created ? null : repeatAction(run);
  if (action === null || outcome.kind !== 'value') return outcome;
  const { value, text } = outcome;
  return {
    ...outcome,
    value: { ...value, next_action: action },
    ...(text === undefined ? {} : { text: `${text}\n${action}` }),
  };
}
