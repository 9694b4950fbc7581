import { ErrandError, errorMessage } from '../../../core/errors.js';
import { isJsonObject, type Json, type JsonObject } from '../../../core/json.js';
import type { CallContext } from '../../contract/call-context.js';
import { notificationText, rpcError, type RequestId } from '../../message/json-rpc.js';
import { MessageQueue } from '../../message/message-queue.js';
import type { Change, ChangeFilter, ChangeSource } from '../../contract/sources.js';
import { onceOver } from '../base/listeners.js';
import { callContext, failure, type FinalOutcome, type Method, type Outcome } from '../base/method.js';
import { TASKS_CAPABILITY, undeclared } from './capabilities.js';
import { META } from './names.js';
import { statelessTask } from './tasks.js';

/** URIs, and tasks, that a filter may name; how many of them are honoured is for the contract to say. */
const MAX_WATCHED = 10_000;

/** A stream of what the client asked to be told, until it goes away, its key ends or the server stops. */
export const listen: Method = {
  offered: ({ changes }) => changes !== undefined,
  needsKey: () => true,
  limited: true,
  answer: async (params, context) => {
    const filter = readFilter(params['notifications']);
    const missing = filter.taskIds.length === 0 ? null : undeclared(TASKS_CAPABILITY, context.client);
    if (missing !== null) return missing;
    const { changes } = context.server.contract;
    if (changes === undefined || !context.streams) {
      return failure(rpcError('invalidRequest', 'Listening needs a stream: accept text/event-stream.'));
    }
    const caller = await context.authenticate();
    let leave: () => void;
    try {
      leave = context.server.listeners.enter(caller);
    } catch (thrown) {
      return failure(rpcError('internalError', errorMessage(thrown)));
    }
    try {
      return await openStream(changes, { filter, id: context.requestId, call: callContext(context, caller), leave });
    } catch (thrown) {
      leave();
      throw thrown;
    }
  },
};

interface ListenStream {
  readonly filter: ChangeFilter;
  readonly id: RequestId;
  readonly call: CallContext;
  readonly leave: () => void;
}

/** The acknowledgement is the first message, whatever changes while the subscription is made. */
async function openStream(source: ChangeSource, { filter, id, call, leave }: ListenStream): Promise<Outcome> {
  const queue = new MessageQueue();
  const meta = { [META.subscriptionId]: id };
  const tell = (change: Change): void => {
    const { key, method, params } = toNotification(change);
    queue.push(notificationText(method, { _meta: meta, ...params }), key);
  };
  const early: Change[] = [];
  let emit = (change: Change): void => void early.push(change);
  const { honoured, unsubscribe } = await source.subscribe(filter, call, (change) => emit(change));
  const acknowledged = { _meta: meta, notifications: filterFields(honoured) };
  queue.push(notificationText('notifications/subscriptions/acknowledged', acknowledged));
  for (const change of early) tell(change);
  emit = tell;
  const end = new Promise<FinalOutcome>((resolve) => {
    onceOver(call, () => {
      unsubscribe();
      leave();
      queue.close();
      resolve({ kind: 'result', json: '{}', meta });
    });
  });
  return { kind: 'stream', messages: queue, end };
}

/** The newest of several changes under one key replaces those that have not been read. */
function toNotification(change: Change): {
  readonly key: string;
  readonly method: string;
  readonly params: JsonObject;
} {
  switch (change.kind) {
    case 'tools':
    case 'prompts':
    case 'resources':
      return { key: change.kind, method: `notifications/${change.kind}/list_changed`, params: {} };
    case 'resource':
      return {
        key: `resource ${change.uri}`,
        method: 'notifications/resources/updated',
        params: { uri: change.uri },
      };
    case 'task':
      return {
        key: `task ${change.task.taskId}`,
        method: 'notifications/tasks',
        params: statelessTask(change.task),
      };
  }
}

const LISTS = ['toolsListChanged', 'promptsListChanged', 'resourcesListChanged'] as const;
const WATCHES = ['resourceSubscriptions', 'taskIds'] as const;

function readFilter(asked: Json | undefined): ChangeFilter {
  if (!isJsonObject(asked)) throw new ErrandError('invalid_input', '"notifications" must be an object.');
  const flag = (name: (typeof LISTS)[number]): boolean => {
    const value = asked[name] ?? false;
    if (typeof value === 'boolean') return value;
    throw new ErrandError('invalid_input', `"notifications.${name}" must be true or false.`);
  };
  const watched = (name: (typeof WATCHES)[number]): readonly string[] => {
    const value = asked[name] ?? [];
    if (Array.isArray(value) && value.length <= MAX_WATCHED && value.every((item: Json) => typeof item === 'string')) {
      return [...new Set(value)];
    }
    throw new ErrandError('invalid_input', `"notifications.${name}" must be at most ${MAX_WATCHED} strings.`);
  };
  return {
    toolsListChanged: flag('toolsListChanged'),
    promptsListChanged: flag('promptsListChanged'),
    resourcesListChanged: flag('resourcesListChanged'),
    resourceSubscriptions: watched('resourceSubscriptions'),
    taskIds: watched('taskIds'),
  };
}

function filterFields(filter: ChangeFilter): JsonObject {
  return Object.fromEntries([
    ...LISTS.filter((name) => filter[name]).map((name) => [name, true]),
    ...WATCHES.filter((name) => filter[name].length > 0).map((name) => [name, filter[name]]),
  ]) as JsonObject;
}
