// The MCP client of Mastra, without a key.
import { MCPClient } from '@mastra/mcp';
import assert from 'node:assert/strict';
import { driveTools, end, server } from '../drive-tools.mjs';
import { OAuthProvider, signIn } from './oauth-provider.mjs';

try {
  const authProvider = new OAuthProvider('Mastra');
  const open = (id) => new MCPClient({ id, servers: { errand: { url: new URL(server.url), authProvider } } });
  await signIn(authProvider, async () => {
    const tools = await open('before').listTools();
    // It leaves out servers that it cannot connect to.
    assert.notEqual(Object.keys(tools).length, 0);
  });
  const client = open('after');
  const tools = await client.listTools();
  await driveTools({
    names: Object.keys(tools),
    call: async (name, args) => await tools[name].execute(args, {}),
  });
  await client.disconnect();
  end();
} catch (error) {
  end(error);
}
