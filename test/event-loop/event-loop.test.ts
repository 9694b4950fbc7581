import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENDPOINTS } from '../../src/api/endpoints/all.js';
import type { JsonObject } from '../../src/core/json.js';
import { MOUNTS } from '../../src/http/mcp/mounts.js';
import { repository } from '../server-process.js';
import { methodCalls, toolCalls } from './calls.js';
import { makeRecords } from './known-records.js';
import { findSlow, MAX_TURN_MS, type SlowProbe } from './longest-turns.js';
import { MeasuredServer } from './measured-server.js';
import { endpointGroups, formGroups, headGroups, mcpGroups, plainGroup, runsOf, type Known } from './probes.js';
import type { ProbeGroup } from './probes.js';

/** The compiled command line that is measured. */
const MAIN = process.env['ERRAND_MEASURED_MAIN'] ?? join(repository, 'dist', 'cli', 'main.js');

let folder: string;
let server: MeasuredServer;
let known: Known;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'errand-event-loop-'));
  const workflows = join(repository, 'test', 'event-loop', 'workflows');
  server = await MeasuredServer.start({ main: MAIN, data: folder, workflows });
  known = await makeRecords(server);
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function findAllSlow(groups: readonly ProbeGroup[]): Promise<readonly SlowProbe[]> {
  if (groups.length === 0) throw new Error('there is nothing to measure');
  const slow: SlowProbe[] = [];
  for (const group of groups) slow.push(...(await findSlow(server, group)));
  return slow;
}

describe(`the event loop is held for less than ${MAX_TURN_MS} ms by`, { timeout: 180_000 }, () => {
  it('any head of a request', async () => {
    expect(await findAllSlow(headGroups(['/mcp', '/api/v1/runs']))).toEqual([]);
  });

  it('any input of a run, on its whole way', async () => {
    expect(await findAllSlow([runsOf('echo')])).toEqual([]);
  });

  it('any input, whatever its schema', async () => {
    const { input_schema: schema } = await server.json('GET', '/workflows/forms');
    expect(await findAllSlow(formGroups((schema as JsonObject)['properties'] as JsonObject))).toEqual([]);
  });

  it('any params of any method', async () => {
    const calls = methodCalls(known);
    expect(await findAllSlow(calls.flatMap((call) => [plainGroup(call), ...mcpGroups(call)]))).toEqual([]);
    const { path } = MOUNTS[0]!;
    for (const revision of new Set(calls.map((call) => call.revision))) {
      expect(
        await findAllSlow(mcpGroups({ path, revision, method: 'tools/list', params: {} }, { whole: true })),
      ).toEqual([]);
    }
  });

  it('any arguments of any tool', async () => {
    // What is served for keys only has the tools, and the handler, of another mount.
    for (const { path } of MOUNTS.filter(({ keysOnly }) => keysOnly !== true)) {
      const calls = await toolCalls(server, path, known);
      expect(await findAllSlow(calls.flatMap((call) => mcpGroups(call)))).toEqual([]);
    }
  });

  it('any request of any endpoint of the REST API', async () => {
    expect(await findAllSlow(endpointGroups(ENDPOINTS, known))).toEqual([]);
    // What was asked about is still there.
    expect(await server.json('GET', `/runs/run_${known.runId}`)).toMatchObject({ status: 'completed' });
  });
});
