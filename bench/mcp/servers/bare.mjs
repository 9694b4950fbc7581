// The least that a server can do: node:http, the request parsed, the answer made into JSON. No keys, no schemas, no
// store.
import { createServer } from 'node:http';
import { serveToParent } from './serve-to-parent.mjs';

serveToParent(({ cases }) => {
  const results = new Map(cases.map(({ caseId, result }) => [`/${caseId}`, result]));
  return createServer((incoming, outgoing) => {
    const chunks = [];
    incoming.on('data', (chunk) => chunks.push(chunk));
    incoming.on('end', () => {
      const { id } = JSON.parse(Buffer.concat(chunks).toString());
      const text = JSON.stringify({ jsonrpc: '2.0', id, result: results.get(incoming.url) });
      outgoing.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
      outgoing.end(text);
    });
  });
});
