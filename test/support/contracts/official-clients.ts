import { Client as Client2, StreamableHTTPClientTransport as Transport2 } from '@modelcontextprotocol/client';
import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as Transport1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { expect, it } from 'vitest';
import { bearer, KEY_A } from '../http/http-fixture.js';

/** What both official clients have. */
export type OfficialClient = Pick<Client1, 'listTools' | 'callTool'>;

/** `drive` calls every tool, and gives the names of those that it called. */
export function testOfficialClients(params: {
  readonly url: () => string;
  readonly tools: readonly string[];
  /** Paths are served with these endings. */
  readonly endings: readonly string[];
  readonly drive: (client: OfficialClient) => Promise<string[]>;
}): void {
  const { url, tools, endings, drive } = params;
  const requestInit = { headers: bearer(KEY_A) };

  it.each(endings)('serves client 1.x at the path with the ending "%s"', async (ending) => {
    const client = new Client1({ name: 'test', version: '1' });
    const transport = new Transport1(new URL(url() + ending), { requestInit });
    await client.connect(transport);
    expect(await drive(client)).toEqual(tools);
    await client.ping();
    await client.close();
  });

  it.each(['legacy', 'auto'] as const)('serves client 2.x that negotiates in mode %s', async (mode) => {
    const client = new Client2({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
    await client.connect(new Transport2(new URL(url()), { requestInit }));
    expect(await drive(client as unknown as Client1)).toEqual(tools);
    await client.close();
  });
}
