import type { JsonObject } from '../../src/core/json.js';
import type { MeasuredServer } from './measured-server.js';
import type { Known } from './probes/probe-groups.js';

/** More than a page of lists has. */
const LARGE_RUNS = 60;
const LARGE_TEXT = 1_000_000;

/** Makes runs that are large to read: many with large outputs, one with a large log, and one that asks. */
export async function makeRecords(server: MeasuredServer): Promise<Known> {
  await server.json('PUT', '/secrets/token', { value: 'a token that nobody is to see' });
  const longLogId = await startRun(server, {
    workflow_id: 'spread',
    input: { text: 'x'.repeat(300_000), items: Array.from({ length: 100 }, () => 1) },
    wait_seconds: 25,
  });
  let runId = '';
  for (let count = 0; count < LARGE_RUNS; count++) {
    runId = await startRun(server, { workflow_id: 'echo', input: { text: 'x'.repeat(LARGE_TEXT) }, wait_seconds: 25 });
  }
  const askingId = await startRun(server, { workflow_id: 'asks', wait_seconds: 1 });
  return { runId, longLogId, askingId };
}

async function startRun(server: MeasuredServer, body: JsonObject): Promise<string> {
  const { run_id: id } = await server.json('POST', '/runs', body);
  if (typeof id !== 'string') throw new Error(`a run was refused: ${JSON.stringify(body).slice(0, 200)}`);
  return id.slice('run_'.length);
}
