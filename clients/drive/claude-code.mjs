// Claude Code: `claude mcp add`, `list` and `get`, and a conversation with a model that plays its part.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { runHost } from './run-host.mjs';
import { end, headers, server } from './drive-tools.mjs';

const PROGRAM = join('@anthropic-ai', 'claude-code', 'cli-wrapper.cjs');
const env = {
  ANTHROPIC_BASE_URL: process.env.MODELS_URL,
  ANTHROPIC_API_KEY: 'none',
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  // All tools are shown to the model from the start, so that all of their schemas are seen.
  ENABLE_TOOL_SEARCH: 'false',
  // Root may skip questions about permissions in a sandbox only.
  IS_SANDBOX: '1',
};

try {
  const claude = (...args) => runHost(PROGRAM, args, env);
  const header = `Authorization: ${headers.Authorization}`;
  claude('mcp', 'add', '--transport', 'http', '--scope', 'user', 'errand', server.url, '--header', header);
  assert.match(claude('mcp', 'list'), /errand: .*Connected/);
  assert.match(claude('mcp', 'get', 'errand'), /Status: .*Connected/);
  const said = claude('-p', 'Greet Ada.', '--dangerously-skip-permissions', '--model', 'claude-sonnet-4-5');
  assert.match(said, /The end: Hello, Ada!/);
  end();
} catch (error) {
  end(error);
}
