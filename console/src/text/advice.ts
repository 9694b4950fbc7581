/** What to do about a failure, by its kind: docs/nodes.md and docs/agents.md list the kinds. */
export const advice: {
  readonly kinds: { readonly [kind: string]: string };
  readonly run: { readonly [kind: string]: string };
  readonly unanswered: { readonly [nodeKind: string]: string };
  readonly child: string;
  readonly noMessage: string;
  readonly families: readonly { readonly start: string; readonly say: string }[];
  readonly other: string;
} = {
  kinds: {
    error:
      'The node’s own code threw this. If the cause is outside (data, a service), mend it there and retry; else fix the code, and rerun on the new version.',
    timeout:
      'It took longer than its timeout. See whether what it calls is slow; retry, or give the node a longer timeout.',
    invalid_config:
      'The values that the node got do not fit its kind. Compare the message with the run’s input; rerun with another input, or mend the workflow.',
    invalid_expression:
      'An expression of the workflow could not be computed from this input. Rerun with an input that has what it asks for, or mend the expression.',
    invalid_output:
      'What the node gave cannot be used as its output. Mend the node; a model’s answer may fit the next time, so a retry can help.',
    invalid_input: 'The input does not fit the workflow that the node starts. Mend what the node hands on.',
    not_found: 'There is no such workflow to start any more. Put its file back, or mend the name in the node.',
    too_deep: 'Runs start runs too many levels deep. See whether a workflow starts itself, and end the chain earlier.',
    output_too_large:
      'The output is larger than 8 MB of JSON. Have the node give less, or a reference to where the rest is.',
    too_many_items: 'The list has more than 100,000 items. Split it over several runs.',
    handler_missing:
      'The function is not there any more. Put its file back, or rerun on the newest version of the workflow.',
    unresponsive:
      'The node’s code computed without a pause for too long. Make it give way (await), or do less at a time.',
    out_of_memory:
      'The node’s code used up the memory of its worker. Have it hold less at a time, or raise ERRAND_WORKER_MEMORY_MB.',
    crashed: 'The process died while this was at work. See the server’s log; the run can be retried.',
    no_worker:
      'No process could be started for the node’s code. See the server’s log and the machine’s memory; then retry.',
    http_429: 'The other server has had too many requests. Wait, or lower the node’s rate; then retry.',
    network: 'No connection, or one that was cut. Check the address, and that the other server runs; then retry.',
    forbidden_address:
      'The address is one where requests of this server may not go. Whoever runs the server can allow it (ERRAND_OUTBOUND_ALLOW).',
    invalid_response:
      'The other server’s answer is not what was expected. Look at what it sends; retry if that was passing.',
    response_too_large: 'The answer is larger than the node may take. Ask for less, or raise its max_bytes.',
    rounds_exhausted:
      'The condition held in none of the rounds that it may have. See what the last round gave; mend the condition, or raise at_most.',
    no_winner: 'None of the branches ran. See why each was skipped, and whether their conditions fit this input.',
    script_error: 'The script threw this. Mend the script, or rerun with another input.',
    script_timeout: 'The script computed for too long. Have it do less, or raise its time.',
    step_limit:
      'The agent was not done after as many model calls as it may make. Raise max_steps, or give it a smaller task; then retry.',
    budget_exceeded: 'The node or run used its budget up. Raise the budget in the workflow, or give it less to do.',
    insufficient_credits:
      'The organization has too few credits for the run that the node starts. Add credits, then retry.',
    cancelled: 'The run that this node started was cancelled. Retry starts it anew.',
    not_recordable: 'What came of the run could not be stored. See the server’s log; then retry.',
    secret_unavailable:
      'A secret that renews itself could not. The message says what its server answered: if it refused, set the secret anew; else retry.',
    model_rate_limited:
      'The model’s provider has had too many requests. Wait and retry; or set requests_per_minute for the provider.',
    model_overloaded: 'The model’s provider could not answer. Retry in a while, or name a second model as a fallback.',
    model_bad_answer: 'What the provider sent was no answer. Retry; if it stays so, check the provider’s base_url.',
    model_refused: 'The model declined. Its words are in the message: change what it is asked.',
    model_unauthorized:
      'The provider does not accept the key, or the account has no credit. Set a valid key, then retry.',
    model_not_configured: 'The model is not set up. The message says what to set; then retry.',
    model_unknown: 'The provider has no such model. Check the model’s name, and the provider’s base_url.',
    model_bad_request: 'The provider refused the request. The message has its words: mend the node’s settings.',
    context_too_long: 'More was sent than the model can read. Send less, or take a model that reads more.',
    mcp_tool_error:
      'The tool says itself that it failed. Its words are the message; mend what it was given, then retry.',
    mcp_unavailable:
      'The MCP server could not be reached or started. See that it runs and lets this server in; then retry.',
    mcp_unknown_server: 'No such MCP server is declared. Declare it in mcp-servers.yaml, or mend the name.',
    mcp_unknown_tool: 'The MCP server has no such tool. Check the tool’s name against what the server lists.',
    mcp_not_allowed: 'This workflow may not use that server or tool. Allow it in mcp-servers.yaml.',
  },
  /** Of a run that failed at none of its nodes, where that is something else than at a node. */
  run: {
    timeout:
      'The run as a whole took longer than the workflow’s timeout. See below what was at work then: make it faster, or raise the timeout of the workflow; then retry.',
    invalid_output:
      'All nodes are through, but the workflow’s result does not fit its own output schema. Mend its "result" or "output", then rerun: nothing is wrong with the input.',
  },
  /** Of a node that waited for somebody until its deadline, by its kind. */
  unanswered: {
    ask: 'Nobody answered before the deadline. Retry to have it asked again; or give the question a later deadline, or a default that stands where nobody answers.',
    event:
      'The event did not come before the deadline. See whether its sender still sends it, with this name and key; retry to wait again, or give the node a later deadline.',
  },
  child:
    'The run that this node started failed. What to do is said there: open it, mend it there, then retry this one.',
  noMessage: 'The error came without words: what the node wrote to the server’s log may say more.',
  families: [
    { start: 'http_5', say: 'The other server failed. Retry once it is well again.' },
    {
      start: 'http_4',
      say: 'The other server refused the request. Check the address, the credentials and what is sent; a retry alone will hardly help.',
    },
    {
      start: 'http_',
      say: 'The other server answered with a status that the node does not expect. Check the address, or what it should expect.',
    },
    {
      start: 'mcp_',
      say: 'The MCP server refused the call. Its words are the message; mend what it was given, then retry.',
    },
    { start: 'script_', say: 'The script went over its limits. Have it use less, or raise the limit in the workflow.' },
    { start: 'model_', say: 'The model could not be asked. The message says why; then retry.' },
  ],
  other: 'The message is the node’s own. Mend what it names, then retry: what has completed is kept.',
};
