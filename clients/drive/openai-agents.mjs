// The MCP client of OpenAI Agents, by itself and under an agent.
import { Agent, MCPServerStreamableHttp, run, setDefaultOpenAIClient, setTracingDisabled } from '@openai/agents';
import assert from 'node:assert/strict';
import OpenAI from 'openai';
import { driveTools, end, headers, server } from './drive-tools.mjs';

try {
  setTracingDisabled(true);
  setDefaultOpenAIClient(new OpenAI({ baseURL: `${process.env.MODELS_URL}/v1`, apiKey: 'none' }));
  const errand = new MCPServerStreamableHttp({ name: 'errand', url: server.url, requestInit: { headers } });
  await errand.connect();
  const tools = await errand.listTools();
  await driveTools({
    names: tools.map(({ name }) => name),
    call: async (name, args) => await errand.callTool(name, args),
  });
  for (const convertSchemasToStrict of [false, true]) {
    const agent = new Agent({ name: 'Host', mcpServers: [errand], mcpConfig: { convertSchemasToStrict } });
    const { finalOutput } = await run(agent, 'Greet Ada.', { maxTurns: 20 });
    assert.equal(finalOutput, 'The end: Hello, Ada!');
  }
  await errand.close();
  end();
} catch (error) {
  end(error);
}
