import { withIncluded } from '../../core/tenant/principal.js';
import type { Tool } from '../contract/contract.js';

interface ListOptions {
  readonly withExecution: boolean;
  /** Whether people can sign in to call it. */
  readonly signsIn: boolean;
}

const known = new WeakMap<Tool, Map<string, string>>();

/** A tool as the protocol lists it, as JSON text. Tools do not change, so each is serialized once in each form. */
export function toolJson(tool: Tool, options: ListOptions): string {
  const forms = known.get(tool) ?? new Map<string, string>();
  known.set(tool, forms);
  const form = `${options.withExecution} ${options.signsIn}`;
  const json = forms.get(form) ?? serialize(tool, options);
  forms.set(form, json);
  return json;
}

function serialize(tool: Tool, options: ListOptions): string {
  const { taskSupport = 'forbidden' } = tool;
  return JSON.stringify({
    name: tool.name,
    title: tool.title,
    description: tool.description,
    inputSchema: tool.listedSchema ?? tool.inputSchema,
    ...(tool.outputSchema === null ? {} : { outputSchema: tool.outputSchema }),
    annotations: annotationsOf(tool),
    ...toSecurity(tool, options),
    ...(options.withExecution && taskSupport !== 'forbidden' ? { execution: { taskSupport } } : {}),
  });
}

/**
 * How one signs in to call it, as ChatGPT reads it (developers.openai.com/apps-sdk/reference). It stands in `_meta` as
 * well: official clients of MCP pass on no fields that the protocol does not know.
 */
function toSecurity({ scope, meta }: Tool, { signsIn }: ListOptions): object {
  if (scope === undefined || !signsIn) return meta === undefined ? {} : { _meta: meta };
  const securitySchemes = [{ type: 'oauth2', scopes: withIncluded([scope]) }];
  return { securitySchemes, _meta: { ...meta, securitySchemes } };
}

/** Every hint is said: some hosts take a tool without one for the worst, and some refuse it. */
function annotationsOf({ title, mutates, annotations }: Tool): object {
  const hints = { destructiveHint: mutates, idempotentHint: !mutates, openWorldHint: mutates };
  return { title, readOnlyHint: !mutates, ...hints, ...annotations };
}
