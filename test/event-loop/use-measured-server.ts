import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { repository } from '../support/server/server-process.js';
import { makeRecords } from './known-records.js';
import { findSlow, type SlowProbe } from './longest-turns.js';
import { MeasuredServer } from './measured-server.js';
import { type McpStub, startMcpStub, toolResults } from './mcp-stub.js';
import type { Known, ProbeGroup } from './probes/probe-groups.js';

/** The compiled command line that is measured. */
const MAIN = process.env['ERRAND_MEASURED_MAIN'] ?? join(repository, 'dist', 'cli', 'main.js');
export const RESULTS = toolResults(3_900_000);

/** A server whose turns are measured, with the workflows beside this and an MCP server, for the tests of a file. */
export interface ServerUnderTest {
  server: MeasuredServer;
  known: Known;
  workflows: string;
  findAllSlow(groups: readonly ProbeGroup[]): Promise<readonly SlowProbe[]>;
}

export function useMeasuredServer(): ServerUnderTest {
  let folder: string;
  let stub: McpStub;
  const under = {
    async findAllSlow(groups: readonly ProbeGroup[]): Promise<readonly SlowProbe[]> {
      if (groups.length === 0) throw new Error('there is nothing to measure');
      const slow: SlowProbe[] = [];
      for (const group of groups) slow.push(...(await findSlow(under.server, group)));
      return slow;
    },
  } as ServerUnderTest;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'errand-event-loop-'));
    under.workflows = join(folder, 'workflows');
    cpSync(join(repository, 'test', 'event-loop', 'workflows'), under.workflows, { recursive: true });
    stub = await startMcpStub(RESULTS);
    writeFileSync(join(under.workflows, 'mcp-servers.yaml'), `stub: { url: '${stub.url}' }\n`);
    under.server = await MeasuredServer.start({ main: MAIN, data: join(folder, 'data'), workflows: under.workflows });
    under.known = await makeRecords(under.server);
  });
  afterAll(async () => {
    await under.server.stop();
    stub.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return under;
}
