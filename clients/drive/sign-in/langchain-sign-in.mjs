// The MCP adapters of LangChain, without a key.
import { MultiServerMCPClient } from '@langchain/mcp-adapters';
import { driveTools, end, server } from '../drive-tools.mjs';
import { OAuthProvider, signIn } from './oauth-provider.mjs';

try {
  const authProvider = new OAuthProvider('LangChain');
  const open = () =>
    new MultiServerMCPClient({ mcpServers: { errand: { transport: 'http', url: server.url, authProvider } } });
  await signIn(authProvider, () => open().getTools());
  const client = open();
  const tools = await client.getTools();
  await driveTools({
    names: tools.map(({ name }) => name),
    call: async (name, args) => await tools.find((tool) => tool.name === name).invoke(args),
  });
  await client.close();
  end();
} catch (error) {
  end(error);
}
