import { describe, expect, it, onTestFinished } from 'vitest';
import { openRecordedServices } from '../../test/support/runs/recorded-services.js';
import { sampleWorkflow } from '../../test/support/runs/sample-records.js';
import { ManualClock } from '../testing/manual-clock.js';
import { ErrandError, isErrandError } from '../core/errors.js';
import type { Principal } from '../core/tenant/principal.js';
import { mcpAppContract } from './published/mcp-app/mcp-app.js';
import { workflowsContract } from './published/workflows/workflows.js';
import type { Contract } from './contract/contract.js';
import { createMcpServer, type McpReply } from './mcp-server.js';

const PRINCIPAL: Principal = { organizationId: 'org-a', keyId: 'k', scopes: ['run'] };

async function start(contract: Contract) {
  const services = await openRecordedServices([sampleWorkflow()]);
  onTestFinished(() => services.close());
  const logged: object[] = [];
  const keep = (fields: object) => void logged.push(fields);
  let keyChecks = 0;
  const server = createMcpServer({
    contract,
    services,
    limits: { mutating: { take: () => ({ ok: true }) }, reading: { take: () => ({ ok: true }) } },
    logger: { debug: keep, info: keep, warn: keep, error: keep },
    clock: new ManualClock(),
    newId: () => 'the-error-id',
    version: '1.2.3',
  });
  const handle = (
    message: unknown,
    authenticate: () => Promise<Principal> = async () => PRINCIPAL,
  ): Promise<McpReply> =>
    server.handle({
      text: JSON.stringify(message),
      revision: null,
      headers: null,
      streams: false,
      signal: () => new AbortController().signal,
      authenticate: () => {
        keyChecks += 1;
        return authenticate();
      },
    });
  return { handle, logged, keyChecks: () => keyChecks };
}

const PING = { jsonrpc: '2.0', id: 1, method: 'ping' };
const LIST = { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'list_workflows' } };

describe('createMcpServer', () => {
  it('checks the key once for a body, however many messages it holds', async () => {
    const { handle, keyChecks } = await start(workflowsContract);
    expect(await handle([PING, LIST, LIST])).toMatchObject({ kind: 'answer', refusal: null });
    expect(keyChecks()).toBe(1);
  });

  it('asks for no key where the contract needs none', async () => {
    const { handle, keyChecks } = await start(mcpAppContract);
    await handle(PING);
    expect(keyChecks()).toBe(0);
  });

  it('tells the transport of a refusal, and answers the message that was refused', async () => {
    const { handle } = await start(mcpAppContract);
    const reply = await handle(LIST, async () => {
      throw new ErrandError('unauthenticated', 'No key.');
    });
    expect(reply).toMatchObject({ kind: 'answer', text: expect.stringContaining('"id":2') as string });
    expect(reply.kind === 'answer' && isErrandError(reply.refusal) && reply.refusal.code).toBe('unauthenticated');
  });

  it('hides why a key could not be checked, and logs it', async () => {
    const { handle, logged } = await start(workflowsContract);
    const reply = await handle(PING, async () => {
      throw new Error('SQLITE_IOERR in /var/secret');
    });
    expect(reply.kind === 'answer' && reply.text).toContain('the-error-id');
    expect(reply.kind === 'answer' && reply.text).not.toContain('secret');
    expect(logged).toMatchObject([{ errorId: 'the-error-id' }]);
  });

  it('introduces itself', async () => {
    const { handle } = await start(workflowsContract);
    const initialize = { jsonrpc: '2.0', id: 0, method: 'initialize', params: { protocolVersion: '2025-06-18' } };
    const reply = await handle(initialize);
    expect(reply.kind === 'answer' && JSON.parse(reply.text)).toMatchObject({
      id: 0,
      result: {
        protocolVersion: '2025-06-18',
        capabilities: { tools: {} },
        serverInfo: { name: 'errand', version: '1.2.3' },
      },
    });
  });

  it('answers requests that stand alone over a transport without headers', async () => {
    const { handle } = await start(mcpAppContract);
    const meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': {},
    };
    const discover = { jsonrpc: '2.0', id: 'd', method: 'server/discover', params: { _meta: meta } };
    const reply = await handle(discover);
    expect(reply.kind === 'answer' && JSON.parse(reply.text)).toMatchObject({
      id: 'd',
      result: { resultType: 'complete', capabilities: { tools: {} }, ttlMs: 3_600_000 },
    });
    const unknown = await handle({ ...discover, method: 'initialize' });
    expect(unknown).toMatchObject({ kind: 'answer', refusal: 'unknown_method' });
  });

  it('has the methods of what the contract offers, and of nothing else', async () => {
    const { handle } = await start(workflowsContract);
    for (const method of ['resources/list', 'prompts/get', 'tasks/list', 'logging/setLevel', 'completion/complete']) {
      const reply = await handle({ jsonrpc: '2.0', id: 1, method, params: {} });
      expect(reply.kind === 'answer' && JSON.parse(reply.text)).toMatchObject({ error: { code: -32601 } });
    }
  });
});
