import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { ApiWorkflow } from '@api/api-types.js';
import { sampleValue } from '@core/handlers/sample-value.js';
import type { Json } from '@core/json.js';
import { serverUrl } from '../../api/client.js';
import { CodeBlock } from '../../design/code-block.js';
import { text } from '../../text/en.js';
import { cliStart, forShell } from './cli-start.js';

/** The same start, from a shell, and as an MCP call. */
export function Snippets({ workflow }: { readonly workflow: ApiWorkflow }): ReactNode {
  return (
    <div className="space-y-3">
      <StartSnippets workflowId={workflow.id} input={sampleValue(workflow.input_schema, 'required')} />
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
  const mcp = JSON.stringify({ name: 'run_workflow', arguments: { workflow_id: workflowId, input } }, null, 2);
  return (
    <div className="space-y-3">
      <CodeBlock label="curl" code={curl} />
      <CodeBlock label="errand" code={cliStart(workflowId, input)} />
      <CodeBlock label="MCP, tools/call" code={mcp} />
    </div>
  );
}
