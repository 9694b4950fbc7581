// mcp-remote without a key: it registers, says which page to open, and waits for the person to come back.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { driveSdkClient, end, server } from '../drive-tools.mjs';
import { packages } from '../run-host.mjs';
import { consent } from './sign-in.mjs';

try {
  const program = join(packages, 'mcp-remote', 'dist', 'proxy.js');
  const command = [program, server.url, '--transport', 'http-only'];
  // An empty PATH holds no browser.
  const env = { PATH: '', HOME: process.env.HOME };
  const transport = new StdioClientTransport({ command: process.execPath, args: command, env, stderr: 'pipe' });
  const told = [];
  createInterface(transport.stderr).on('line', (line) => {
    told.push(line);
    const url = /^\s*(https?:\/\/\S+\/authorize\?\S+)/.exec(line)?.[1];
    if (url !== undefined) comeBack(url).catch(end);
  });
  const client = new Client({ name: 'host', version: '1' });
  await client.connect(transport, { timeout: 60_000 }).catch((error) => {
    throw new Error(told.join('\n'), { cause: error });
  });
  await driveSdkClient(client);
  end();
} catch (error) {
  end(error);
}

/** As the browser does: it is sent back to the program, on this machine. */
async function comeBack(authorizationUrl) {
  const answer = await fetch(await consent(authorizationUrl));
  if (!answer.ok) throw new Error(`mcp-remote answers ${answer.status} to who comes back.`);
}
