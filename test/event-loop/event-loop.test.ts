import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENDPOINTS } from '../../src/api/endpoints/all.js';
import type { JsonObject } from '../../src/core/json.js';
import { MOUNTS } from '../../src/http/mcp/mounts.js';
import { repository } from '../support/server/server-process.js';
import { methodCalls, toolCalls } from './calls.js';
import { freeStructures } from './hostile-json.js';
import { makeRecords } from './known-records.js';
import { findSlow, MAX_TURN_MS, type SlowProbe } from './longest-turns.js';
import { MeasuredServer } from './measured-server.js';
import { type McpStub, startMcpStub, toolResults } from './mcp-stub.js';
import { folderGroup } from './probes/folder-probes.js';
import { headGroups } from './probes/head-probes.js';
import { mcpGroups, plainGroup } from './probes/mcp-probes.js';
import { IS_WHOLE, type Known, type ProbeGroup } from './probes/probe-groups.js';
import { endpointGroups } from './probes/rest-probes.js';
import {
  batchGroup,
  formGroups,
  growthGroup,
  runsOf,
  secondChanceGroup,
  serviceGroup,
  toolGroup,
} from './probes/run-probes.js';

/** The compiled command line that is measured. */
const MAIN = process.env['ERRAND_MEASURED_MAIN'] ?? join(repository, 'dist', 'cli', 'main.js');

let folder: string;
let workflows: string;
let server: MeasuredServer;
let known: Known;
let stub: McpStub;
const RESULTS = toolResults(3_900_000);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'errand-event-loop-'));
  workflows = join(folder, 'workflows');
  cpSync(join(repository, 'test', 'event-loop', 'workflows'), workflows, { recursive: true });
  stub = await startMcpStub(RESULTS);
  writeFileSync(join(workflows, 'mcp-servers.yaml'), `stub: { url: '${stub.url}' }\n`);
  server = await MeasuredServer.start({ main: MAIN, data: join(folder, 'data'), workflows });
  known = await makeRecords(server);
});
afterAll(async () => {
  await server.stop();
  stub.close();
  rmSync(folder, { recursive: true, force: true });
});

async function findAllSlow(groups: readonly ProbeGroup[]): Promise<readonly SlowProbe[]> {
  if (groups.length === 0) throw new Error('there is nothing to measure');
  const slow: SlowProbe[] = [];
  for (const group of groups) slow.push(...(await findSlow(server, group)));
  return slow;
}

describe(`the event loop is held for less than ${MAX_TURN_MS} ms by`, { timeout: 1_200_000 }, () => {
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

  it('any answer of a service, on its whole way', async () => {
    const answers = freeStructures(IS_WHOLE ? 8_000_000 : 3_000_000);
    const service = createServer(({ url = '' }, response) => {
      response.setHeader('content-type', 'application/json').end(answers[Number(url.slice(1))]?.text);
    });
    await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
    const { port } = service.address() as AddressInfo;
    const slow = await findSlow(server, serviceGroup(`http://127.0.0.1:${port}`, answers));
    service.closeAllConnections();
    service.close();
    expect(slow).toEqual([]);
  });

  it('any result of a tool of an MCP server', async () => {
    expect(await findSlow(server, toolGroup(RESULTS))).toEqual([]);
  });

  it('any amount of outputs', async () => {
    expect(await findAllSlow([growthGroup()])).toEqual([]);
  });

  it('a second chance, however much the run has come to', async () => {
    expect(await findAllSlow([secondChanceGroup()])).toEqual([]);
  });

  it('a batch of as many runs as it may have', async () => {
    expect(await findAllSlow([batchGroup()])).toEqual([]);
  });

  it('a workflow of thousands of nodes that comes into the folder', async () => {
    expect(await findSlow(server, folderGroup(workflows))).toEqual([]);
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
