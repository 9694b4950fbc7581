import type { FixedResource } from '../../contract/sources.js';

/** What a program or a model needs to know that has nothing but the address. */
export const MCP_APP_GUIDE: FixedResource = {
  entry: {
    uri: 'errand://mcp-app/guide',
    name: 'guide',
    title: 'How to run workflows',
    description: 'Which tool to call when, how long to wait, and what errors mean.',
    mimeType: 'text/markdown',
  },
  text: `# How to run workflows

1. \`list_workflows\` shows what can be run, what each costs in credits, and its agents.
2. \`run_workflow\` starts one and answers at once with a \`runId\`. \`configuration\` is the workflow's input; a text under \`configuration.context\` goes to
   the agents as an extra instruction. Call it once for each piece of work.
3. \`get_run_status\` with that \`runId\`, every 5 to 10 seconds, until \`status\` is \`completed\`, \`partial_complete\`, \`failed\` or \`cancelled\`.
4. \`list_workflow_runs\` finds runs again, \`cancel_workflow_run\` ends one and releases its credits, \`get_credits\` shows what is left.

Calls of tools need \`Authorization: Bearer\` and a key. A call that fails is an error of JSON-RPC:

| code | what to do |
| --- | --- |
| -32001 | the key is missing or not valid: ask for another |
| -32029 | too many calls: wait \`data.retryAfter\` seconds |
| -32000 | the tool failed: \`data.code\` tells why, the message what to change |
`,
};
