// The MCP client of Mastra.
import { MCPClient } from '@mastra/mcp';
import { driveTools, end, headers, server } from './drive-tools.mjs';

try {
  const client = new MCPClient({
    servers: { errand: { url: new URL(server.url), requestInit: { headers } } },
  });
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
