import { isJsonObject, type Json, type JsonObject } from '../../core/json.js';

/** A stream was away for a while: whatever it told of may have changed unseen. */
export function missedWhileAway(acknowledged: JsonObject): readonly JsonObject[] {
  const { params } = acknowledged;
  if (!isJsonObject(params) || !isJsonObject(params['notifications'])) return [];
  const { notifications, _meta: meta } = params;
  const { toolsListChanged, promptsListChanged, resourcesListChanged, resourceSubscriptions } = notifications;
  const own: JsonObject = meta === undefined ? {} : { _meta: meta };
  const uris = Array.isArray(resourceSubscriptions) ? (resourceSubscriptions as readonly Json[]) : [];
  return [
    ...(toolsListChanged === true ? [notification('tools/list_changed', own)] : []),
    ...(promptsListChanged === true ? [notification('prompts/list_changed', own)] : []),
    ...(resourcesListChanged === true ? [notification('resources/list_changed', own)] : []),
    ...uris.map((uri) => notification('resources/updated', { ...own, uri })),
  ];
}

/** All that the handshake era's stream tells of. */
export function listChanges(): readonly JsonObject[] {
  return ['tools', 'prompts', 'resources'].map((list) => notification(`${list}/list_changed`, {}));
}

export function isAcknowledgement(message: JsonObject): boolean {
  return message['method'] === 'notifications/subscriptions/acknowledged';
}

function notification(name: string, params: JsonObject): JsonObject {
  return { jsonrpc: '2.0', method: `notifications/${name}`, params };
}
