import { request } from 'node:http';

/** What a server on this machine answers. */
export function askJson({ agent, port, method, path, key, body }) {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? '' : JSON.stringify(body);
    const headers = {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2025-11-25',
      'content-length': Buffer.byteLength(text),
    };
    const call = request({ agent, host: '127.0.0.1', port, path, method, headers }, (response) => {
      let answer = '';
      response.setEncoding('utf8').on('data', (chunk) => (answer += chunk));
      response.once('error', reject);
      response.once('end', () => {
        try {
          resolve(JSON.parse(answer));
        } catch {
          reject(new Error(`The server answered ${response.statusCode}: ${answer.slice(0, 200)}`));
        }
      });
    });
    call.once('error', reject);
    call.end(text);
  });
}
