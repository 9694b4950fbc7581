// A model server on its own, with one answer to everything: node test/support/model-servers/main.mjs --port 8080 --text
// "Hello."
import { parseArgs } from 'node:util';
import { loadModelServer } from './load-model-server.mjs';

const { values } = parseArgs({
  options: { port: { type: 'string', default: '0' }, text: { type: 'string', default: 'ok' }, key: { type: 'string' } },
});
const { startModelServer } = await loadModelServer();
const { text } = values;
const server = await startModelServer({
  port: Number(values.port),
  script: () => ({ text }),
  ...(values.key === undefined ? {} : { key: values.key }),
});
console.log(server.url);
