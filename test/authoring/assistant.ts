import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Scope } from '../../src/core/tenant/principal.js';
import type { NativeStack } from '../support/http/native-stack.js';

export interface Answer {
  readonly isError: boolean;
  readonly text: string;
  readonly value: { readonly [field: string]: unknown };
  /** Of the whole answer, in characters. */
  readonly size: number;
}

export type Call = (name: string, args: { readonly [name: string]: unknown }) => Promise<Answer>;

/** An assistant of a new organization: a client that holds answers against the schemas of the tools that it has listed. */
export async function connectAssistant(
  stack: NativeStack,
  scopes: readonly Scope[],
): Promise<{ readonly call: Call; readonly client: Client }> {
  const { organization } = await stack.newCaller();
  const { headers } = await stack.newKey(organization, undefined, scopes);
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(new StreamableHTTPClientTransport(stack.url, { requestInit: { headers } }));
  await client.listTools();
  const call: Call = async (name, args) => {
    const answer = await client.callTool({ name, arguments: args });
    const { isError, content, structuredContent } = answer;
    const text = (content as readonly { readonly text: string }[])[0]?.text ?? '';
    const size = JSON.stringify(answer).length;
    return { isError: isError === true, text, value: structuredContent as Answer['value'], size };
  };
  return { call, client };
}
