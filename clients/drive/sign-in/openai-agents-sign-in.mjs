// The MCP client of OpenAI Agents, without a key.
import { MCPServerStreamableHttp } from '@openai/agents';
import { driveTools, end, server } from '../drive-tools.mjs';
import { OAuthProvider, signIn } from './oauth-provider.mjs';

try {
  const authProvider = new OAuthProvider('OpenAI Agents');
  const open = async () => {
    const client = new MCPServerStreamableHttp({ name: 'errand', url: server.url, authProvider });
    await client.connect();
    return client;
  };
  await signIn(authProvider, open);
  const client = await open();
  const tools = await client.listTools();
  await driveTools({
    names: tools.map(({ name }) => name),
    call: async (name, args) => await client.callTool(name, args),
  });
  await client.close();
  end();
} catch (error) {
  end(error);
}
