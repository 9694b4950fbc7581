import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, it, vi } from 'vitest';
import { freePort } from '../../bench/lib/processes/free-port.mjs';

it('a free port is none that connections are given, and no port twice', async () => {
  const ports = await Promise.all(Array.from({ length: 200 }, freePort));
  expect(new Set(ports).size).toBe(200);
  expect(ports.filter((port) => port < 12_000 || port > 31_999)).toEqual([]);
});

it('a port where somebody listens is not free', async () => {
  const taken = createServer().listen(await freePort(), '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  // In the midst of that one, then of the next.
  const random = vi.spyOn(Math, 'random');
  random.mockReturnValueOnce((port - 12_000 + 0.5) / 20_000).mockReturnValueOnce((port - 12_000 + 1.5) / 20_000);
  vi.resetModules();
  const { freePort: another } = await import('../../bench/lib/processes/free-port.mjs');
  expect(await another()).toBe(port + 1);
  random.mockRestore();
  taken.close();
});
