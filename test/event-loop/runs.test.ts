import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/core/json.js';
import { startWebhookReceiver } from '../support/http/webhook-receiver.js';
import { freeStructures } from './hostile-json.js';
import { findSlow, MAX_TURN_MS } from './longest-turns.js';
import { folderGroup } from './probes/folder-probes.js';
import { IS_WHOLE } from './probes/probe-groups.js';
import {
  batchGroup,
  formGroups,
  growthGroup,
  runsOf,
  secondChanceGroup,
  serviceGroup,
  toolGroup,
} from './probes/run-probes.js';
import { webhookGroup } from './probes/webhook-probes.js';
import { RESULTS, useMeasuredServer } from './use-measured-server.js';

describe(`the event loop is held for less than ${MAX_TURN_MS} ms by`, { timeout: 1_200_000 }, () => {
  const under = useMeasuredServer();

  it('any input of a run, on its whole way', async () => {
    expect(await under.findAllSlow([runsOf('echo')])).toEqual([]);
  });

  it('any input, whatever its schema', async () => {
    const { input_schema: schema } = await under.server.json('GET', '/workflows/forms');
    expect(await under.findAllSlow(formGroups((schema as JsonObject)['properties'] as JsonObject))).toEqual([]);
  });

  it('any answer of a service, on its whole way', async () => {
    const answers = freeStructures(IS_WHOLE ? 8_000_000 : 3_000_000);
    const service = createServer(({ url = '' }, response) => {
      response.setHeader('content-type', 'application/json').end(answers[Number(url.slice(1))]?.text);
    });
    await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
    const { port } = service.address() as AddressInfo;
    const slow = await findSlow(under.server, serviceGroup(`http://127.0.0.1:${port}`, answers));
    service.closeAllConnections();
    service.close();
    expect(slow).toEqual([]);
  });

  it('any result of a tool of an MCP server', async () => {
    expect(await findSlow(under.server, toolGroup(RESULTS))).toEqual([]);
  });

  it('any amount of outputs', async () => {
    expect(await under.findAllSlow([growthGroup()])).toEqual([]);
  });

  it('a second chance, however much the run has come to', async () => {
    expect(await under.findAllSlow([secondChanceGroup()])).toEqual([]);
  });

  it('a batch of as many runs as it may have', async () => {
    expect(await under.findAllSlow([batchGroup()])).toEqual([]);
  });

  it('any amount of messages to a webhook', async () => {
    const receiver = await startWebhookReceiver();
    const slow = await findSlow(under.server, webhookGroup(receiver));
    await receiver.close();
    expect(slow).toEqual([]);
  });

  it('a workflow of thousands of nodes that comes into the folder', async () => {
    expect(await findSlow(under.server, folderGroup(under.workflows))).toEqual([]);
  });
});
