import type { CallContext } from '../../contract/call-context.js';
import { notificationText } from '../../message/json-rpc.js';
import { MessageQueue } from '../../message/message-queue.js';
import type { ChangeSource } from '../../contract/sources.js';
import { onceOver } from '../base/listeners.js';
import type { ServerParts } from '../base/method.js';

/**
 * What this era tells without being asked: that a list is another one. It has no subscriptions that could be told apart
 * without a session, so nothing else is sent. Ends when the context's signal aborts, and with the caller's key.
 */
export async function listChanges(
  changes: ChangeSource,
  call: CallContext,
  server: ServerParts,
): Promise<AsyncIterable<string>> {
  const leave = server.listeners.enter(call.caller);
  const queue = new MessageQueue();
  try {
    const subscription = await changes.subscribe(LISTS, call, ({ kind }) => {
      if (kind !== 'resource' && kind !== 'task')
        queue.push(notificationText(`notifications/${kind}/list_changed`, {}), kind);
    });
    onceOver(call, () => {
      subscription.unsubscribe();
      leave();
      queue.close();
    });
    return queue;
  } catch (thrown) {
    leave();
    throw thrown;
  }
}

const LISTS = {
  toolsListChanged: true,
  promptsListChanged: true,
  resourcesListChanged: true,
  resourceSubscriptions: [],
  taskIds: [],
} as const;
