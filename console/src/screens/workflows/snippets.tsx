import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { ApiWorkflow } from '@api/api-types.js';
import { isJsonObject, type Json, type JsonSchema } from '@core/json.js';
import { serverUrl } from '../../api/client.js';
import { CodeBlock } from '../../design/code-block.js';
import { text } from '../../text/en.js';

/** The same start, from a shell, and as an MCP call. */
export function Snippets({ workflow }: { readonly workflow: ApiWorkflow }): ReactNode {
  return (
    <div className="space-y-3">
      <StartSnippets workflowId={workflow.id} input={sampleOf(workflow.input_schema)} />
      <Link to="/connect">{text.connect.title}</Link>
    </div>
  );
}

/** A start with this input, from a shell, by the command line and as an MCP call. */
export function StartSnippets({ workflowId, input }: { readonly workflowId: string; readonly input: Json }): ReactNode {
  const body = JSON.stringify({ workflow_id: workflowId, input });
  const curl = `curl -s ${serverUrl}/api/v1/runs \\
  -H "Authorization: Bearer $ERRAND_API_KEY" -H 'Content-Type: application/json' \\
  -d '${forShell(body)}'`;
  const cli = `npx errand run ${workflowId} --input '${forShell(JSON.stringify(input))}' --watch`;
  const mcp = JSON.stringify({ name: 'run_workflow', arguments: { workflow_id: workflowId, input } }, null, 2);
  return (
    <div className="space-y-3">
      <CodeBlock label="curl" code={curl} />
      <CodeBlock label="errand" code={cli} />
      <CodeBlock label="MCP, tools/call" code={mcp} />
    </div>
  );
}

function forShell(json: string): string {
  return json.replaceAll("'", String.raw`'\''`);
}

const SAMPLES: { readonly [type: string]: Json } = { string: '…', integer: 1, number: 1, boolean: true, array: [] };

/** What the schema asks for at least. */
function sampleOf(schema: JsonSchema): Json {
  const { properties, required, default: fallback, enum: choices, examples, type } = schema;
  if (fallback !== undefined) return fallback;
  if (Array.isArray(examples) && examples[0] !== undefined) return examples[0];
  if (Array.isArray(choices) && choices[0] !== undefined) return choices[0];
  if (!isJsonObject(properties)) return SAMPLES[typeof type === 'string' ? type : ''] ?? {};
  const names = Array.isArray(required) ? required : [];
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, property]) =>
      names.includes(name) && isJsonObject(property) ? [[name, sampleOf(property)]] : [],
    ),
  );
}
