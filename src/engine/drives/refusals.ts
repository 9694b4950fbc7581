import { ErrandError } from '../../core/errors.js';
import { isTerminal, type Run } from '../../core/run/run.js';
import type { AnswerRefusal } from '../../runner/ports/run-mailbox.js';

/** Why a run was not cancelled: it had ended, or nobody drives it just now and it can be cancelled in a moment. */
export function notCancelled(run: Run): ErrandError {
  if (!isTerminal(run.status)) return leaving();
  return new ErrandError('conflict', `The run cannot be cancelled: it is already ${run.status}.`);
}

export const ANSWER_REFUSALS: { readonly [R in AnswerRefusal]: () => ErrandError } = {
  not_waiting: () => new ErrandError('conflict', 'This node does not wait for an answer.'),
  asks_another: () => new ErrandError('conflict', 'This node asks another question by now: read the run again.'),
  left: leaving,
};

export function stopping(): ErrandError {
  return new ErrandError('unavailable', 'The server is stopping; try again in a moment.', { retryAfterSeconds: 5 });
}

export function leaving(): ErrandError {
  return new ErrandError('unavailable', 'The run cannot be reached just now; try again in a moment.', {
    retryAfterSeconds: 5,
  });
}
