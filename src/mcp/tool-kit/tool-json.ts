import type { Tool } from '../contract/contract.js';

const plain = new WeakMap<Tool, string>();
const withExecution = new WeakMap<Tool, string>();

/** A tool as the protocol lists it, as JSON text. Tools do not change, so each is serialized once. */
export function toolJson(tool: Tool, options: { readonly withExecution: boolean }): string {
  const cache = options.withExecution ? withExecution : plain;
  const known = cache.get(tool);
  if (known !== undefined) return known;
  const { taskSupport = 'forbidden' } = tool;
  const json = JSON.stringify({
    name: tool.name,
    title: tool.title,
    description: tool.description,
    inputSchema: tool.listedSchema ?? tool.inputSchema,
    ...(tool.outputSchema === null ? {} : { outputSchema: tool.outputSchema }),
    annotations: annotationsOf(tool),
    ...(tool.securitySchemes === undefined ? {} : { securitySchemes: tool.securitySchemes }),
    ...(tool.meta === undefined ? {} : { _meta: tool.meta }),
    ...(options.withExecution && taskSupport !== 'forbidden' ? { execution: { taskSupport } } : {}),
  });
  cache.set(tool, json);
  return json;
}

/** Every hint is said: some hosts take a tool without one for the worst, and some refuse it. */
function annotationsOf({ title, mutates, annotations }: Tool): object {
  const hints = { destructiveHint: mutates, idempotentHint: !mutates, openWorldHint: mutates };
  return { title, readOnlyHint: !mutates, ...hints, ...annotations };
}
