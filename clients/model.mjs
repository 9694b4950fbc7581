const GREETING = /Hello, \w+!/;

/**
 * Plays the model of a host: it runs the workflow `greet_slowly`, polls the run to its end, and says what came of it.
 */
export function answerAsModel({ tools, body }) {
  const named = (name) => tools.find((tool) => tool.name.endsWith(name))?.name;
  const run = named('run_workflow');
  const look = named('get_run_status');
  // Hosts ask for titles and the like, too.
  if (run === undefined || look === undefined) return 'ok';
  const conversation = JSON.stringify(body.messages ?? body.contents ?? body.input);
  const runId = /run_[0-9a-f-]{36}/.exec(conversation)?.[0];
  if (runId === undefined) {
    return { toolCalls: [{ name: run, input: { workflow_id: 'greet_slowly', input: { name: 'Ada' } } }] };
  }
  const greeting = GREETING.exec(conversation)?.[0];
  if (greeting !== undefined) return `The end: ${greeting}`;
  return { toolCalls: [{ name: look, input: { run_id: runId, wait_seconds: 5 } }] };
}
