// Gemini CLI: `gemini mcp add` and `list`, and a conversation with a model that plays its part.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { end, headers, server } from './drive-tools.mjs';
import { GEMINI, geminiEnv, settle } from './gemini-cli-program.mjs';
import { runHost } from './run-host.mjs';

try {
  const gemini = (...args) => runHost(GEMINI, args, geminiEnv);
  mkdirSync(join(process.env.HOME, '.gemini'), { recursive: true });
  const header = `Authorization: ${headers.Authorization}`;
  gemini('mcp', 'add', '--transport', 'http', '--scope', 'user', 'errand', server.url, '--header', header);
  settle();
  assert.match(gemini('mcp', 'list'), /errand: .*Connected/);
  assert.match(gemini('-p', 'Greet Ada.', '--yolo', '--model', 'gemini-2.5-flash'), /The end: Hello, Ada!/);
  end();
} catch (error) {
  end(error);
}
