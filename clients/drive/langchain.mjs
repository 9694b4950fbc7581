// The MCP adapters of LangChain.
import { MultiServerMCPClient } from '@langchain/mcp-adapters';
import { driveTools, end, headers, server } from './drive-tools.mjs';

try {
  const client = new MultiServerMCPClient({
    mcpServers: { errand: { transport: 'http', url: server.url, headers } },
  });
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
