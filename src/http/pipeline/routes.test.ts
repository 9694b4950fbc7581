import { describe, expect, it } from 'vitest';
import { RequestExchange } from '../../../test/support/http/request-exchange.js';
import { jsonReply, sendJson } from '../transport/replies.js';
import { Routes, type RouteHandler } from './routes.js';

/** Tells which route it is, and with which parameters. */
const tell =
  (name: string): RouteHandler =>
  (exchange, parameters) =>
    sendJson(exchange, JSON.stringify({ name, ...parameters }));

const routes = new Routes();
routes.add('/runs/:id', { GET: tell('run'), DELETE: tell('remove') });
routes.add('/runs', { GET: tell('runs'), POST: tell('start') }, { resource: '/runs' });
routes.add('/runs/newest', { GET: tell('newest') });
routes.add('/runs/:id/nodes/:node', { GET: tell('node') });
routes.add('/mcp', { POST: jsonReply({}) }, { fast: true });

async function answer(path: string, method = 'GET', headers = {}): Promise<Response | null> {
  const found = routes.find(path);
  if (found === null) return null;
  const exchange = new RequestExchange(new Request(`http://localhost${path}`, { method, headers }));
  await found.answer(exchange);
  return await exchange.response;
}

const told = async (path: string): Promise<unknown> => (await answer(path))?.json() ?? null;

describe('Routes', () => {
  it('finds a path, and fills in its parameters', async () => {
    expect(await told('/runs')).toEqual({ name: 'runs' });
    expect(await told('/runs/7')).toEqual({ name: 'run', id: '7' });
    expect(await told('/runs/7/nodes/a.b')).toEqual({ name: 'node', id: '7', node: 'a.b' });
  });

  it('prefers a path without parameters', async () => {
    expect(await told('/runs/newest')).toEqual({ name: 'newest' });
  });

  it.each(['/', '', '/run', '/runs/', '/runs//nodes/a', '/runs/7/nodes', '/runs/7/nodes/a/', '/RUNS', '//runs'])(
    'does not find %j',
    (path) => {
      expect(routes.find(path)).toBeNull();
    },
  );

  it('decodes segments after it has told them apart', async () => {
    expect(await told('/runs/a%2Fb%20c')).toEqual({ name: 'run', id: 'a/b c' });
    expect(await told('/%72uns/%6eewest')).toEqual({ name: 'newest' });
    expect(await told('/runs/%zz')).toEqual({ name: 'run', id: '%zz' });
    expect(routes.find('/runs%2F7')).toBeNull();
  });

  it('answers HEAD as GET, OPTIONS with the methods, and refuses the others', async () => {
    expect((await answer('/runs', 'HEAD'))?.status).toBe(200);
    const options = await answer('/runs', 'OPTIONS');
    expect([options?.status, options?.headers.get('allow')]).toEqual([204, 'GET, HEAD, POST, OPTIONS']);
    for (const method of ['PUT', 'PATCH', 'DELETE', 'constructor']) {
      const refused = await answer('/runs', method);
      expect([refused?.status, refused?.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST, OPTIONS']);
      expect(await refused?.text()).toContain(`${method} is not possible on /runs.`);
    }
    expect((await answer('/mcp', 'HEAD'))?.status).toBe(405);
  });

  it('names what the fast lane takes, and whose key is asked for', () => {
    expect([...routes.fastPaths]).toEqual(['/mcp']);
    expect([routes.find('/runs')?.resource, routes.find('/mcp')?.resource]).toEqual(['/runs', null]);
  });
});
