import { callTool } from '../../methods/call-tool.js';
import { complete } from '../../methods/complete.js';
import { listTools } from '../../methods/list-tools.js';
import { getPrompt, listPrompts } from '../../methods/prompts.js';
import {
  listResources,
  listResourceTemplates,
  readResource,
  subscribeResource,
  unsubscribeResource,
} from '../../methods/resources.js';
import type { Method } from '../base/method.js';
import { initialize } from './initialize.js';
import { ping } from './ping.js';
import type { HandshakeRevision } from '../base/handshake-revisions.js';
import { setLevel } from './set-level.js';
import { cancelTask, getTask, getTaskResult, listTasks } from './tasks.js';

type Registry = ReadonlyMap<string, Method>;

const METHODS: Registry = new Map([
  ['initialize', initialize],
  ['ping', ping],
  ['tools/list', listTools],
  ['tools/call', callTool],
  ['resources/list', listResources],
  ['resources/templates/list', listResourceTemplates],
  ['resources/read', readResource],
  ['resources/subscribe', subscribeResource],
  ['resources/unsubscribe', unsubscribeResource],
  ['prompts/list', listPrompts],
  ['prompts/get', getPrompt],
  ['completion/complete', complete],
  ['logging/setLevel', setLevel],
]);

const WITH_TASKS: Registry = new Map([
  ...METHODS,
  ['tasks/get', getTask],
  ['tasks/result', getTaskResult],
  ['tasks/list', listTasks],
  ['tasks/cancel', cancelTask],
]);

/** The methods of each revision; one that a revision lacks is absent from its registry. */
export const HANDSHAKE_METHODS: { readonly [revision in HandshakeRevision]: Registry } = {
  '2025-11-25': WITH_TASKS,
  '2025-06-18': METHODS,
  '2025-03-26': METHODS,
  '2024-11-05': METHODS,
};
