import { callTool } from '../../methods/call-tool.js';
import { complete } from '../../methods/complete.js';
import { listTools } from '../../methods/list-tools.js';
import { getPrompt, listPrompts } from '../../methods/prompts.js';
import { listResources, listResourceTemplates, readResource } from '../../methods/resources.js';
import type { Method } from '../base/method.js';
import { discover } from './discover.js';
import { listen } from './listen.js';
import { cancelTask, getTask, updateTask } from './tasks.js';

export const STATELESS_METHODS: ReadonlyMap<string, Method> = new Map([
  ['server/discover', discover],
  ['tools/list', listTools],
  ['tools/call', callTool],
  ['resources/list', listResources],
  ['resources/templates/list', listResourceTemplates],
  ['resources/read', readResource],
  ['prompts/list', listPrompts],
  ['prompts/get', getPrompt],
  ['completion/complete', complete],
  ['subscriptions/listen', listen],
  ['tasks/get', getTask],
  ['tasks/update', updateTask],
  ['tasks/cancel', cancelTask],
]);
