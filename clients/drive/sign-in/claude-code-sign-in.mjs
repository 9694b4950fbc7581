// Claude Code without a key: `claude mcp login` in a terminal, and then a conversation.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { CLAUDE, claudeEnv } from '../claude-code-program.mjs';
import { end, server } from '../drive-tools.mjs';
import { packages, runHost } from '../run-host.mjs';
import { consent } from './sign-in.mjs';

/** A link of a terminal, around the words that are its text; and what moves or colours them. */
// oxlint-disable-next-line no-control-regex -- these are what terminals are told with
const TERMINAL_CODES = /\u001b\]8;;[^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b\[[0-9;?]*[A-Za-z]/g;

try {
  const claude = (...args) => runHost(CLAUDE, args, claudeEnv);
  claude('mcp', 'add', '--transport', 'http', '--scope', 'user', 'errand', server.url);
  assert.match(claude('mcp', 'list'), /errand: .*Needs authentication/);
  await login();
  assert.match(claude('mcp', 'list'), /errand: .*Connected/);
  const said = claude('-p', 'Greet Ada.', '--dangerously-skip-permissions', '--model', 'claude-sonnet-4-5');
  assert.match(said, /The end: Hello, Ada!/);
  end();
} catch (error) {
  end(error);
}

/** `script` is the terminal: without one, `claude mcp login` does nothing. */
async function login() {
  const command = `"${process.execPath}" "${join(packages, CLAUDE)}" mcp login errand --no-browser`;
  const env = { ...claudeEnv, PATH: process.env.PATH, HOME: process.env.HOME, TERM: 'dumb', COLUMNS: '5000' };
  const terminal = spawn('script', ['-qec', command, '/dev/null'], { cwd: process.env.HOME, env });
  let shown = '';
  const pasted = [];
  terminal.stdout.on('data', (data) => {
    shown += data;
    const text = shown.replaceAll(TERMINAL_CODES, '');
    const url = /(http\S+\/oauth\/authorize\?\S+)[\s\S]*paste the redirect URL/.exec(text)?.[1];
    if (url !== undefined && pasted.length === 0) pasted.push(paste(url, terminal.stdin));
  });
  const [code] = await once(terminal, 'exit');
  await Promise.all(pasted);
  assert.equal(code, 0, shown);
}

async function paste(url, input) {
  const back = await consent(url);
  input.write(`${back.href}\r`);
}
