import { describe, expect, it } from 'vitest';
import { ENDPOINTS } from '../../src/api/endpoints/all.js';
import { MOUNTS } from '../../src/http/mcp/mounts.js';
import { methodCalls, toolCalls } from './calls.js';
import { MAX_TURN_MS } from './longest-turns.js';
import { headGroups } from './probes/head-probes.js';
import { mcpGroups, plainGroup } from './probes/mcp-probes.js';
import { endpointGroups } from './probes/rest-probes.js';
import { useMeasuredServer } from './use-measured-server.js';

describe(`the event loop is held for less than ${MAX_TURN_MS} ms by`, { timeout: 1_200_000 }, () => {
  const under = useMeasuredServer();

  it('any head of a request', async () => {
    expect(await under.findAllSlow(headGroups(['/mcp', '/api/v1/runs']))).toEqual([]);
  });

  it('any params of any method', async () => {
    const calls = methodCalls(under.known);
    expect(await under.findAllSlow(calls.flatMap((call) => [plainGroup(call), ...mcpGroups(call)]))).toEqual([]);
    const { path } = MOUNTS[0]!;
    for (const revision of new Set(calls.map((call) => call.revision))) {
      expect(
        await under.findAllSlow(mcpGroups({ path, revision, method: 'tools/list', params: {} }, { whole: true })),
      ).toEqual([]);
    }
  });

  it('any arguments of any tool', async () => {
    // What is served for keys only has the tools, and the handler, of another mount.
    for (const { path } of MOUNTS.filter(({ keysOnly }) => keysOnly !== true)) {
      const calls = await toolCalls(under.server, path, under.known);
      expect(await under.findAllSlow(calls.flatMap((call) => mcpGroups(call)))).toEqual([]);
    }
  });

  it('any request of any endpoint of the REST API', async () => {
    expect(await under.findAllSlow(endpointGroups(ENDPOINTS, under.known))).toEqual([]);
    // What was asked about is still there.
    expect(await under.server.json('GET', `/runs/run_${under.known.runId}`)).toMatchObject({ status: 'completed' });
  });
});
