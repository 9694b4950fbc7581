import { createServer } from 'node:net';

/**
 * Below those that systems give to connections (from 32,768 on, or higher up): whoever is given a port listens there
 * seconds later, and a connection of another program would have it by then.
 */
const LOWEST = 12_000;
const HIGHEST = 31_999;
const given = new Set();

/** A port of this machine that nobody listens at; no port twice. */
export async function freePort() {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST + 1));
    if (given.has(port)) continue;
    given.add(port);
    if (await isFree(port)) return port;
  }
}

function isFree(port) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => (error.code === 'EADDRINUSE' ? resolve(false) : reject(error)));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
