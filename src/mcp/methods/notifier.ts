import type { JsonObject } from '../../core/json.js';
import { LOG_LEVELS, type Notifier } from '../contract/call-context.js';
import { notificationText } from '../message/json-rpc.js';
import type { MessageQueue } from '../message/message-queue.js';
import type { MethodContext } from '../protocol/base/method.js';

/** Whether the client has said that it wants to be told anything before the answer. */
export function askedToNotify(context: MethodContext): boolean {
  return progressToken(context) !== null || context.logLevel !== null || mayBeAsked(context);
}

export function createNotifier(queue: MessageQueue, context: MethodContext): Notifier {
  const token = progressToken(context);
  const lowest = context.logLevel === null ? LOG_LEVELS.length : LOG_LEVELS.indexOf(context.logLevel);
  let reached = -Infinity;
  return {
    progress: (report) => {
      if (token === null || report.progress <= reached) return;
      reached = report.progress;
      queue.push(notificationText('notifications/progress', { progressToken: token, ...report }));
    },
    log: (entry) => {
      if (LOG_LEVELS.indexOf(entry.level) < lowest) return;
      queue.push(notificationText('notifications/message', { ...entry }));
    },
    send: (message: JsonObject) => {
      if (mayBeAsked(context)) queue.push(JSON.stringify(message));
    },
  };
}

/** Requests to the client make sense only where their answers are taken. */
function mayBeAsked({ rules, server }: MethodContext): boolean {
  return rules.sendsRequests && server.contract.onResponse !== undefined;
}

function progressToken({ meta }: MethodContext): string | number | null {
  const token = meta['progressToken'];
  return typeof token === 'string' || typeof token === 'number' ? token : null;
}
