import type { Json } from '../../../core/json.js';
import type { BoundHandler, HandlerContext } from '../../../core/handlers/node-kind.js';
import { CodeContext } from '../../code/code.js';
import type { ToolUse } from './tool.js';

/** Calls a function as a tool. What it returns is JSON once the step that it runs in has ended. */
export async function callCode(handler: BoundHandler, use: ToolUse): Promise<Json> {
  const context = toolContext(use);
  return (await (typeof handler === 'function' ? handler(context) : handler.run(context))) as Json;
}

/**
 * The context that handlers are promised, with steps that belong to this call. A tool does not set the agent's percentage:
 * only its message is shown.
 */
function toolContext({ context, key, args, idempotencyKey }: ToolUse): HandlerContext {
  let generated = 0;
  const own: Pick<HandlerContext, 'progress' | 'idempotencyKey' | 'step' | 'generate'> = {
    progress: (_, message) => {
      if (message !== undefined) context.progress(0, message);
    },
    idempotencyKey,
    step: (name, work) => context.toolStep(`${key}/${name}`, work),
    generate: (request) => {
      generated += 1;
      return context.generate({ ...request, key: `${key}/${request.key ?? `generate-${generated}`}` });
    },
  };
  return Object.assign(new CodeContext(context, args), own);
}
