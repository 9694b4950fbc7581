// mcp-remote: a process that speaks MCP on its standard input and output, for hosts that start their servers.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { join } from 'node:path';
import { driveSdkClient, end, headers, server } from './drive-tools.mjs';
import { packages } from './run-host.mjs';

try {
  const program = join(packages, 'mcp-remote', 'dist', 'proxy.js');
  const command = [program, server.url, '--transport', 'http-only', '--header', 'Authorization:${AUTHORIZATION}'];
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, AUTHORIZATION: headers.Authorization };
  const client = new Client({ name: 'host', version: '1' });
  await client.connect(new StdioClientTransport({ command: process.execPath, args: command, env, stderr: 'ignore' }));
  await driveSdkClient(client);
  end();
} catch (error) {
  end(error);
}
