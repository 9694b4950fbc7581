import { parseArgs } from 'node:util';
import { serveFixture } from './serve-fixture.js';

const { values } = parseArgs({ options: { port: { type: 'string', default: '3900' } } });
const server = await serveFixture({ port: Number(values.port) });
process.stdout.write(`${server.url.replace('127.0.0.1', 'localhost')}/mcp\n`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void server.close({ graceMs: 0 }));
