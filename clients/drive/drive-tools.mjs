// What every client does: it lists the tools, runs a workflow, polls it to its end, and calls the tools of two
// workflows.
import assert from 'node:assert/strict';

/** The server, as `run.mjs` tells it to each client. */
export const server = { url: process.env.ERRAND_URL, key: process.env.ERRAND_API_KEY };
export const headers = { Authorization: `Bearer ${server.key}` };

const ADA = { name: 'Ada' };
const MAX_POLLS = 20;

/** Drives a client of the official SDK, and closes it. */
export async function driveSdkClient(client) {
  const { tools } = await client.listTools();
  await driveTools({
    names: tools.map(({ name }) => name),
    call: async (name, args) => await client.callTool({ name, arguments: args }),
  });
  await client.close();
}

/**
 * @param {object} client
 * @param {readonly string[]} client.names of the tools as the client shows them, maybe behind a prefix
 * @param {(name: string, args: object) => Promise<unknown>} client.call calls a tool by one of these names
 */
export async function driveTools({ names, call }) {
  const named = (name) => names.find((shown) => shown === name || shown.endsWith(`_${name}`));
  for (const name of ['run_workflow', 'get_run_status', 'greet_slowly', 'take_anything']) {
    assert.ok(named(name), `${name} is among the tools: ${names.join(', ')}`);
  }
  const ask = async (name, args) => JSON.stringify(await call(named(name), args));

  const started = await ask('run_workflow', { workflow_id: 'greet_slowly', input: ADA });
  const runId = /run_[0-9a-f-]{36}/.exec(started)?.[0];
  assert.ok(runId, `run_workflow gives a run: ${started}`);

  let seen = '';
  for (let left = MAX_POLLS; left > 0 && !seen.includes('Hello, Ada!'); left--) {
    seen = await ask('get_run_status', { run_id: runId, wait_seconds: 1 });
  }
  assert.match(seen, /Hello, Ada!/, 'get_run_status gives the output in the end');

  assert.match(await ask('greet_slowly', ADA), /Hello, Ada!/, 'the tool of a workflow gives its output');
  const taken = await ask('take_anything', { telefon_nummer: '17', anything: '[5]' });
  assert.match(taken, /telefon nummer/, `names that hosts refuse are mapped both ways: ${taken}`);

  const unknown = await call(named('get_run_status'), { run_id: 'run_none' }).then(JSON.stringify, String);
  assert.match(unknown, /No run has the id/, 'the message of a failed tool comes through');
}

/** Ends the process with what the client came to. Some clients keep timers and connections for ever. */
export function end(error) {
  if (error !== undefined) process.stderr.write(`${error?.stack ?? error}\n`);
  process.exit(error === undefined ? 0 : 1);
}
