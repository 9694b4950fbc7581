import { request, type Agent } from 'node:http';
import { isJsonObject } from '../../src/core/json.js';
import type { FuzzAnswer } from './judge.js';
import type { FuzzRequest } from './requests.js';

/** Waits in the requests themselves are of a second at most. */
const ANSWERED_WITHIN_MS = 15_000;

/**
 * Sends a request and reads its answer: of a stream that would go on, so much as shows that it is open. Rejects when
 * there is none in time.
 */
export async function send(url: string, given: FuzzRequest, agent: Agent): Promise<FuzzAnswer> {
  return await new Promise((resolve, reject) => {
    const length = given.body.length === 0 ? {} : { 'content-length': String(given.body.length) };
    const call = request(url + given.path, { method: given.method, agent, headers: { ...given.headers, ...length } });
    const late = setTimeout(() => call.destroy(new Error(`no answer in ${ANSWERED_WITHIN_MS} ms`)), ANSWERED_WITHIN_MS);
    call.on('error', (error) => {
      clearTimeout(late);
      reject(error);
    });
    call.on('continue', () => undefined);
    call.on('response', (response) => {
      const { statusCode: status = 0, headers } = response;
      const kind = String(headers['content-type']).startsWith('text/event-stream') ? 'stream' : 'text';
      let text = '';
      const done = (): void => {
        clearTimeout(late);
        resolve({ status, headers, body: { kind, text } });
      };
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
        if (kind === 'stream' && isEndless(given) && text.includes('\n\n')) {
          done();
          call.destroy();
        }
      });
      response.on('end', done);
      if (kind === 'stream' && given.method === 'GET') {
        text = ': open\n\n';
        done();
        call.destroy();
      }
    });
    call.end(given.body);
  });
}

function isEndless({ json }: FuzzRequest): boolean {
  return isJsonObject(json) && json['method'] === 'subscriptions/listen';
}
