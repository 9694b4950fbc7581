// npm run conformance:server -- --port N: the fixture server alone, until it is stopped.
import { pathToFileURL } from 'node:url';
import { buildServer } from './build-server.mjs';

await import(pathToFileURL(await buildServer()).href);
