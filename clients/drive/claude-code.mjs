// Claude Code: `claude mcp add`, `list` and `get`, and a conversation with a model that plays its part.
import assert from 'node:assert/strict';
import { CLAUDE, claudeEnv } from './claude-code-program.mjs';
import { runHost } from './run-host.mjs';
import { end, headers, server } from './drive-tools.mjs';

try {
  const claude = (...args) => runHost(CLAUDE, args, claudeEnv);
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
