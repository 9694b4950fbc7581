import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { ServerProcess } from '../support/server/server-process.js';
import { startRun, waitForEnd } from '../support/server/server-runs.js';

const workflow = (url: string): string => `id: order
name: Order
description: Orders things by chance.
nodes:
  - id: place
    kind: http
    when: $random() < 2
    with: { url: '${url}/place', method: POST, body: { id: '{{ $uuid() }}', at: '{{ $now() }}', n: '{{ $random() }}' } }
    retry: { attempts: 20, initial: 300ms, backoff: fixed }
  - id: each
    kind: map
    over: '{{ $shuffle([1..5]) }}'
    concurrency: 1
    do:
      kind: http
      with: { url: '${url}/each', method: POST, body: { item: '{{ item }}', index: '{{ index }}', id: '{{ $uuid() }}' } }
      retry: { attempts: 20, initial: 300ms, backoff: fixed }
`;

it(
  'an http node and a map send the same again after the server was killed between attempts',
  { timeout: 60_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'errand-fixed-'));
    const workflows = join(folder, 'workflows');
    mkdirSync(workflows);
    const received = new Map<string, Set<string>>();
    let calls = 0;
    let isDown = true;
    let atCall: { readonly count: number; readonly resolve: () => void } = { count: 0, resolve: () => undefined };
    const service = createServer((request, response) => {
      const key = `${request.url} ${String(request.headers['idempotency-key'])}`;
      request.on('data', (body: Buffer) => {
        received.set(key, (received.get(key) ?? new Set()).add(body.toString()));
        calls += 1;
        response.writeHead(isDown ? 503 : 200).end('{}');
        if (calls >= atCall.count) atCall.resolve();
      });
    });
    await new Promise<void>((resolve) => void service.listen(0, '127.0.0.1', resolve));
    const called = (more: number): Promise<void> =>
      new Promise((resolve) => (atCall = { count: calls + more, resolve }));
    writeFileSync(
      join(workflows, 'order.yaml'),
      workflow(`http://127.0.0.1:${(service.address() as AddressInfo).port}`),
    );
    const start = (): Promise<ServerProcess> =>
      ServerProcess.start({ data: join(folder, 'data'), workflows, env: { ERRAND_MAX_CRASHES: '0' } });
    let server = await start();
    onTestFinished(async () => {
      await server.end('SIGKILL');
      service.close();
      rmSync(folder, { recursive: true, force: true });
    });
    const runId = await startRun(server, 'order');
    for (let life = 0; life < 3; life += 1) {
      await called(3);
      await server.end('SIGKILL');
      server = await start();
    }
    isDown = false;
    expect(await waitForEnd(server, runId)).toMatchObject({ status: 'completed' });
    const bodies = [...received.values()];
    expect(bodies.map(({ size }) => size)).toEqual(bodies.map(() => 1));
    // One of the node, and one of each item.
    expect(bodies).toHaveLength(6);
  },
);
