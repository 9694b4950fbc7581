// The MCP client of the AI SDK, by itself and under a model of Google's.
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createMCPClient } from '@ai-sdk/mcp';
import { generateText, isStepCount } from 'ai';
import assert from 'node:assert/strict';
import { driveTools, end, headers, server } from './drive-tools.mjs';

try {
  const client = await createMCPClient({ transport: { type: 'http', url: server.url, headers } });
  const tools = await client.tools();
  const options = { toolCallId: 'call', messages: [] };
  await driveTools({
    names: Object.keys(tools),
    call: async (name, args) => await tools[name].execute(args, options),
  });
  const google = createGoogleGenerativeAI({ baseURL: `${process.env.MODELS_URL}/v1beta`, apiKey: 'none' });
  const { text } = await generateText({
    model: google('gemini-2.5-flash'),
    tools,
    stopWhen: isStepCount(20),
    prompt: 'Greet Ada.',
  });
  assert.equal(text, 'The end: Hello, Ada!');
  await client.close();
  end();
} catch (error) {
  end(error);
}
