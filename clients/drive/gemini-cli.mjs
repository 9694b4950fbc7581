// Gemini CLI: `gemini mcp add` and `list`, and a conversation with a model that plays its part.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runHost } from './run-host.mjs';
import { end, headers, server } from './drive-tools.mjs';

const PROGRAM = join('@google', 'gemini-cli', 'bundle', 'gemini.js');
const env = { GOOGLE_GEMINI_BASE_URL: process.env.MODELS_URL, GEMINI_API_KEY: 'none' };

/** What a person does once, in the terminal: to say how to sign in, and that the folder is to be trusted. */
function signIn() {
  const file = join(process.env.HOME, '.gemini', 'settings.json');
  const settings = JSON.parse(readFileSync(file, 'utf8'));
  const security = { auth: { selectedType: 'gemini-api-key' }, folderTrust: { enabled: false } };
  writeFileSync(file, JSON.stringify({ ...settings, security }));
}

try {
  const gemini = (...args) => runHost(PROGRAM, args, env);
  mkdirSync(join(process.env.HOME, '.gemini'), { recursive: true });
  const header = `Authorization: ${headers.Authorization}`;
  gemini('mcp', 'add', '--transport', 'http', '--scope', 'user', 'errand', server.url, '--header', header);
  signIn();
  assert.match(gemini('mcp', 'list'), /errand: .*Connected/);
  assert.match(gemini('-p', 'Greet Ada.', '--yolo', '--model', 'gemini-2.5-flash'), /The end: Hello, Ada!/);
  end();
} catch (error) {
  end(error);
}
