// Gemini CLI without a key: it finds out that it has to sign in, opens a browser, and takes up the conversation.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { end, server } from '../drive-tools.mjs';
import { GEMINI, geminiEnv, settle } from '../gemini-cli-program.mjs';
import { runHost } from '../run-host.mjs';

/** Where the browser that Gemini CLI opens stands, on Linux. */
const bin = join(process.env.HOME, 'bin');
const opened = join(process.env.HOME, 'opened');

try {
  mkdirSync(join(process.env.HOME, '.gemini'), { recursive: true });
  mkdirSync(bin);
  const browser = join(bin, 'xdg-open');
  const program = fileURLToPath(new URL('browser.mjs', import.meta.url));
  writeFileSync(browser, `#!/bin/sh\necho "$1" > "${opened}"\nexec "${process.execPath}" "${program}" "$1"\n`);
  chmodSync(browser, 0o755);
  const env = {
    ...geminiEnv,
    PATH: `${bin}:${process.env.PATH}`,
    ERRAND_URL: server.url,
    ERRAND_API_KEY: server.key,
  };
  const gemini = (...args) => runHost(GEMINI, args, env, 'y\n');
  gemini('mcp', 'add', '--transport', 'http', '--scope', 'user', 'errand', server.url);
  // Without it, signing in takes `/mcp auth errand` in a terminal.
  settle({ mcpServers: { errand: { type: 'http', url: server.url, oauth: { enabled: true } } } });
  const said = gemini('-p', 'Greet Ada.', '--yolo', '--model', 'gemini-2.5-flash');
  assert.ok(existsSync(opened), `it opens a browser: ${said}`);
  assert.match(readFileSync(opened, 'utf8'), /\/oauth\/authorize\?/);
  assert.match(said, /The end: Hello, Ada!/);
  assert.match(gemini('mcp', 'list'), /errand: .*Connected/);
  end();
} catch (error) {
  end(error);
}
