import { toPublicError } from '../../tool-kit/to-public-error.js';
import type { MessageQueue } from '../../message/message-queue.js';
import type { FinalOutcome, MethodContext, Outcome } from './method.js';
import { toFailure } from './method.js';

/** Work that is over by then, without a message, is answered plainly: a stream would cost more than it tells. */
const PLAIN_WITHIN_MS = 1_000;

/** An answer that becomes a stream when there is something to tell before it, or when it takes its time. */
export async function streamed(
  work: Promise<FinalOutcome>,
  queue: MessageQueue,
  context: MethodContext,
): Promise<Outcome> {
  const { server } = context;
  const end = work
    .catch((thrown: unknown): FinalOutcome => toFailure(toPublicError(thrown, server), server))
    .finally(() => queue.close());
  let undo: () => void = () => undefined;
  const late = new Promise<'late'>((resolve) => {
    undo = server.clock.schedule(PLAIN_WITHIN_MS, () => resolve('late'));
  });
  const first = await Promise.race([end, queue.whenUsed(), late]);
  undo();
  if (typeof first === 'object' && !queue.isUsed) return first;
  return { kind: 'stream', messages: queue, end };
}
