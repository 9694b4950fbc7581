import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createErrand, type Errand, type ErrandOptions } from '../../src/app/create-errand.js';
import { defineWorkflow, type NodeSpec } from '../../src/workflow/define-workflow.js';

const opened: Errand[] = [];
let service: Server;
let port: number;
/** What was asked here. */
const asked: string[] = [];

beforeAll(async () => {
  service = createServer(({ url = '' }, response) => {
    asked.push(url);
    const to = /^\/to\/(.*)$/.exec(url)?.[1];
    if (to === undefined) response.end('here');
    else response.writeHead(302, { location: decodeURIComponent(to) }).end();
  });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  ({ port } = service.address() as AddressInfo);
});
afterAll(() => {
  service.closeAllConnections();
  service.close();
});
afterEach(async () => {
  asked.length = 0;
  for (const errand of opened.splice(0)) await errand.close({ graceMs: 0 });
});

/** Each asks an address. */
const DOORS: {
  readonly [name: string]: (url: string) => { readonly node: NodeSpec; readonly options?: ErrandOptions };
} = {
  'an http node': (url) => ({ node: { id: 'a', kind: 'http', with: { url } } }),
  'the fetch of a handler': (url) => ({
    node: { id: 'a', kind: 'code', run: async ({ fetch }) => (await fetch(url)).text() },
  }),
  'an MCP server': (url) => ({
    node: { id: 'a', kind: 'mcp', server: 'far', tool: 'add' },
    options: { mcpServers: { far: { url } } },
  }),
};

async function errorOf(door: string, url: string, outbound: NonNullable<ErrandOptions['outbound']>) {
  const { node, options = {} } = DOORS[door]!(url);
  const workflow = defineWorkflow({ id: 'asks', name: 'Asks', description: 'Asks an address.', nodes: [node] });
  const errand = await createErrand({ data: ':memory:', workflows: [workflow], outbound, ...options });
  opened.push(errand);
  const { id } = await errand.runWorkflow('asks', {});
  const { error } = await errand.waitForRun(id);
  return error === null ? null : { kind: error.kind, message: error.message };
}

const METADATA = [
  '169.254.169.254',
  '2852039166',
  '0xa9.0xfe.0xa9.0xfe',
  '0251.0376.0251.0376',
  '169.254.43518',
  '169.254.169.254.',
  '[::ffff:169.254.169.254]',
  '[::ffff:0:a9fe:a9fe]',
  '[64:ff9b::a9fe:a9fe]',
  '[2002:a9fe:a9fe::]',
  '[fe80::1]',
  '[fd00:ec2::254]',
  'METADATA.google.internal.',
  '100.100.100.200',
];
const HERE = [
  '127.0.0.1',
  '127.1',
  '2130706433',
  '0x7f.1',
  '0177.0.0.01',
  '127.0.0.1.',
  '0.0.0.0',
  '0',
  'localhost',
  '[::]',
  '[::1]',
  '[::ffff:127.0.0.1]',
  '[::7f00:1]',
  '[64:ff9b::7f00:1]',
  '10.0.0.1',
  '[fc00::1]',
];
/** Full-width digits, a soft hyphen: what the URL parser reads as something else. */
const DISGUISED = ['\uff11\uff16\uff19.254.169.254', '169\u3002254\u3002169\u3002254', '169.254.169\u00ad.254'];

describe.each(Object.keys(DOORS))('%s', (door) => {
  it.each([...METADATA, ...DISGUISED])('never asks %s', async (host) => {
    for (const outbound of [{}, { hosts: 'public' as const }]) {
      const error = await errorOf(door, `http://${host}:${port}/latest`, outbound);
      expect(error?.message).toMatch(/link-local address, or one of a cloud's metadata service/);
    }
    expect(asked).toEqual([]);
  });

  it.each(HERE)('asks %s only where internal addresses may be asked', async (host) => {
    const error = await errorOf(door, `http://${host}:${port}/`, { hosts: 'public' });
    expect(error?.message).toMatch(/internal address.*ERRAND_OUTBOUND_ALLOW/);
    expect(asked).toEqual([]);
  });

  // The client of MCP servers follows none at all.
  it('follows no redirect to where it may not go itself', async () => {
    for (const host of ['169.254.169.254', '[::ffff:a9fe:a9fe]', 'metadata.google.internal']) {
      const url = `http://127.0.0.1:${port}/to/${encodeURIComponent(`http://${host}/`)}`;
      expect((await errorOf(door, url, {}))?.message).toMatch(/metadata service|status 302/);
    }
    const home = `http://localhost:${port}/to/${encodeURIComponent(`http://127.0.0.1:${port}/inside`)}`;
    const allow = [`localhost:${port}`];
    expect((await errorOf(door, home, { hosts: 'public', allow }))?.message).toMatch(/internal address|status 302/);
    expect(asked).not.toContain('/inside');
  });

  it('asks what the list of exceptions names, and that port alone', async () => {
    const url = `http://127.0.0.1:${port}/`;
    await errorOf(door, url, { hosts: 'public', allow: [`127.0.0.1:${port}`] });
    expect(asked.length).toBeGreaterThan(0);
    asked.length = 0;
    const error = await errorOf(door, url, { hosts: 'public', allow: ['127.0.0.1:1', '10.0.0.0/8'] });
    expect(error?.message).toMatch(/internal address/);
    expect(asked).toEqual([]);
  });
});

it('a request that may not go out fails its node as forbidden_address, and is not tried again', async () => {
  const { kind } = (await errorOf('an http node', 'http://169.254.169.254/', {})) ?? {};
  expect(kind).toBe('forbidden_address');
});
