import type { Json, JsonObject, JsonSchema } from '../../src/core/json.js';
import type { InputRequired } from '../../src/mcp/contract/call-context.js';
import type { Tool, ToolOutcome } from '../../src/mcp/contract/contract.js';

/** A PNG of one pixel. */
export const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==';
/** A WAV of no length. */
export const WAV = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQAAAAA=';

export function text(value: string): JsonObject {
  return { type: 'text', text: value };
}

export function content(...parts: readonly JsonObject[]): ToolOutcome {
  return { kind: 'content', result: { content: parts } };
}

export function askFor(inputRequests: JsonObject, requestState?: JsonObject): InputRequired {
  return { kind: 'input_required', inputRequests, ...(requestState === undefined ? {} : { requestState }) };
}

export function elicitation(message: string, properties: JsonObject): JsonObject {
  const requestedSchema = { type: 'object', properties, required: Object.keys(properties) };
  return { method: 'elicitation/create', params: { mode: 'form', message, requestedSchema } };
}

export function sampling(prompt: string, maxTokens: number): JsonObject {
  return {
    method: 'sampling/createMessage',
    params: { messages: [{ role: 'user', content: text(prompt) }], maxTokens },
  };
}

export const ROOTS: JsonObject = { method: 'roots/list', params: {} };

export const NAME: JsonObject = { name: { type: 'string' } };

/** The content of an answered elicitation; empty when there is none. */
export function contentOf(response: JsonObject[string] | undefined): JsonObject {
  const answered = (response as JsonObject | undefined)?.['content'];
  return (answered as JsonObject | undefined) ?? {};
}

export type FixtureTool = Pick<Tool, 'name' | 'call'> & Partial<Tool>;

export function defineTool(tool: FixtureTool): Tool {
  return {
    title: tool.name,
    description: `What the conformance suite expects of ${tool.name}.`,
    inputSchema: objectSchema({}),
    outputSchema: null,
    mutates: false,
    ...tool,
  };
}

export function objectSchema(properties: JsonObject, required: readonly string[] = []): JsonSchema {
  return { type: 'object', properties, ...(required.length === 0 ? {} : { required }) };
}

export async function sleep(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

export function asText(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}
