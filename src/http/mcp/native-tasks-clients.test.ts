import { Client as Client2, StreamableHTTPClientTransport as Transport2 } from '@modelcontextprotocol/client';
import { createTaskSessionFromClient } from '@modelcontextprotocol/ext-tasks/client';
import { describe, expect, it } from 'vitest';
import { stack, caller, INFO, TASKS, nextId, endCheckup } from '../../../test/support/http/native-tasks.js';

describe('the Tasks client', () => {
  const session2 = async (headers: { authorization: string }) => {
    const capabilities = { ...TASKS, elicitation: {} };
    const client = new Client2(INFO, { capabilities, versionNegotiation: { mode: 'auto' } });
    await client.connect(new Transport2(stack.url, { requestInit: { headers } }));
    const session = createTaskSessionFromClient(client, {
      endpointId: stack.url.href,
      // The client itself cannot carry answers that are tasks.
      rawDispatch: async (framed, options) => {
        const request = framed as unknown as { readonly method: string; readonly params?: { readonly name?: string } };
        const name = request.params?.name;
        const response = await fetch(stack.url, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            accept: 'application/json, text/event-stream',
            'mcp-protocol-version': '2026-07-28',
            'mcp-method': request.method,
            ...(name === undefined ? {} : { 'mcp-name': name }),
            ...options?.context?.headers,
            ...headers,
          },
          body: JSON.stringify({ jsonrpc: '2.0', id: `raw-${nextId()}`, ...request }),
          ...(options?.signal === undefined ? {} : { signal: options.signal }),
        });
        const { result, error } = (await response.json()) as { result: never; error?: never };
        return error === undefined ? { kind: 'result', result } : { kind: 'error', error };
      },
      v2RequestFraming: { protocolVersion: '2026-07-28', clientInfo: INFO, clientCapabilities: capabilities },
      onInputRequest: async () => ({ action: 'accept', content: { approved: true, remark: 'asked' } }) as never,
    });
    return { session, close: () => client.close() };
  };

  const session1 = async (headers: { authorization: string }) => {
    const client = new Client2(INFO);
    await client.connect(new Transport2(stack.url, { requestInit: { headers } }));
    return {
      session: createTaskSessionFromClient(client, { endpointId: stack.url.href }),
      close: () => client.close(),
    };
  };

  it.each([
    ['2026-07-28', session2],
    ['2025-11-25', session1],
  ])('drives workflows to their end in %s', async (_, open) => {
    const { session, close } = await open(caller.headers);
    const task = { task: { preference: 'prefer' } } as const;
    const execution = await session.callTool('checkup', {}, task);
    expect(execution.kind).toBe('task');
    await endCheckup();
    const { outcome } = await execution.settle();
    expect(outcome).toMatchObject({ status: 'completed', result: { structuredContent: { score: 80 } } });
    const failing = await (await session.callTool('fails', {}, task)).settle();
    expect(failing.outcome).toMatchObject({ status: 'completed', result: { isError: true } });
    await session.close();
    await close();
  });

  it('puts a run’s questions before its person', async () => {
    const { session, close } = await session2(caller.headers);
    const { outcome } = await (await session.callTool('release', {})).settle();
    expect(outcome).toMatchObject({ result: { structuredContent: { approved: true, remark: 'asked' } } });
    await session.close();
    await close();
  });
});
