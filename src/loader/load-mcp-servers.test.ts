import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeKinds } from '../nodes/registry.js';
import { loadFolder } from './load-folder.js';
import { loadMcpServers } from './load-mcp-servers.js';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'errand-servers-'));
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

const write = (text: string): void => writeFileSync(join(dir, 'mcp-servers.yaml'), text);

describe('mcp-servers.yaml', () => {
  it('need not be there', async () => {
    expect(await loadMcpServers(dir, {})).toMatchObject({ servers: new Map(), faults: [] });
  });

  it('declares servers that are started, and servers that are reached', async () => {
    write(`
files:
  command: npx
  args: [-y, mcp-server-files, ./data]
  env: { TOKEN: '\${TOKEN}', LEVEL: 3 }
  cwd: tools
crm:
  url: https://crm.example.com/mcp
  headers: { authorization: 'Bearer \${TOKEN}' }
  timeout: 5s
  allow: [find_*, get_customer]
  workflows: { enrich_contact: '*', report: [find_invoice] }
  concurrency: 4
`);
    const { servers, faults, names } = await loadMcpServers(dir, { TOKEN: 't' });
    expect(faults).toEqual([]);
    expect([...names]).toEqual(['files', 'crm']);
    expect(Object.fromEntries(servers)).toEqual({
      files: {
        transport: 'stdio',
        command: 'npx',
        args: ['-y', 'mcp-server-files', './data'],
        env: { TOKEN: '${TOKEN}', LEVEL: '3' },
        cwd: join(dir, 'tools'),
        timeoutMs: null,
        allow: null,
        workflows: null,
        concurrency: null,
      },
      crm: {
        transport: 'http',
        url: 'https://crm.example.com/mcp',
        headers: { authorization: 'Bearer ${TOKEN}' },
        timeoutMs: 5_000,
        allow: ['find_*', 'get_customer'],
        workflows: { enrich_contact: ['*'], report: ['find_invoice'] },
        concurrency: 4,
      },
    });
  });

  it('is told what is wrong with it, where, and without its secrets', async () => {
    write(`
good: { command: here }
bad-name: { command: x }
both: { command: x, url: 'https://example.com' }
neither: { timeout: soon }
nothing: {}
unset: { url: 'https://example.com', headers: { authorization: 'Bearer secret-\${NOT_SET}' } }
mistyped: { url: 'https://example.com', heders: { authorization: secret-1 } }
mixed: { url: 'https://example.com', env: { A: secret-2 } }
ftp: { url: 'ftp://secret-3@example.com' }
lists: { command: x, args: one, allow: 5, workflows: [a], concurrency: 0 }
`);
    const { servers, faults } = await loadMcpServers(dir, {});
    expect([...servers.keys()]).toEqual(['good']);
    expect(faults.map(({ line, path, message }) => `${line} ${path}: ${message}`)).toEqual([
      '3 bad-name: a name has lower-case letters, digits and _, and starts with a letter',
      '4 both.url: a server has either a "command" or a "url"',
      '5 neither.timeout: must be a duration such as 500ms, 10s, 5m, 2h or 1d, or a number of milliseconds',
      '6 nothing: needs a "command" to start it by, or the "url" that it is reached at',
      '7 unset.headers.authorization: the environment variable NOT_SET is not set',
      '8 mistyped.heders: unknown field "heders"; did you mean "headers"?',
      '9 mixed.env: "env" is for servers with a "command"',
      '10 ftp.url: must be an address that starts with http:// or https://',
      '11 lists.args: must be a list, not a string',
      '11 lists.allow: must be a list of tools, in whose names * stands for any text, not a number',
      '11 lists.workflows: must be values by their names, not an array',
      '11 lists.concurrency: must be a whole number, from 1 to 10000',
    ]);
    expect(JSON.stringify(faults)).not.toContain('secret');
  });

  it('is where the servers are that nodes name', async () => {
    write('crm: { command: x }\nbroken: { command: 5 }\n');
    const node = (id: string, server: string): string => `  - { id: ${id}, kind: mcp, server: ${server}, tool: t }\n`;
    const inner = '  - { id: each, kind: map, over: [1], do: { kind: mcp, server: files, tool: t } }\n';
    const head = 'name: W\ndescription: w\nnodes:\n';
    writeFileSync(join(dir, 'good.yaml'), `id: good\n${head}${node('a', 'crm')}${node('b', 'broken')}`);
    writeFileSync(join(dir, 'lost.yaml'), `id: lost\n${head}${node('a', 'crn')}${inner}`);
    const { workflows, faults, files, mcpServers } = await loadFolder({ dir, kinds: nodeKinds, dataDir: dir, env: {} });
    expect(workflows.map(({ definition }) => definition.id)).toEqual(['good']);
    expect([...mcpServers.keys()]).toEqual(['crm']);
    expect(faults.map(({ file, line, path, message }) => `${file}:${line} ${path}: ${message}`)).toEqual([
      'lost.yaml:5 nodes[0].server: there is no MCP server with this name; did you mean "crm"?',
      'lost.yaml:6 nodes[1].do.server: there is no MCP server with this name; servers are declared in mcp-servers.yaml',
      'mcp-servers.yaml:2 broken.command: must be text, not a number',
    ]);
    expect(files).toContain(join(dir, 'mcp-servers.yaml'));
  });
});
