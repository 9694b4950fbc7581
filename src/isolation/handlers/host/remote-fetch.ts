import { makeResponse } from '../../../core/make-response.js';
import type { OutboundFetch, OutboundInit } from '../../../core/ports/outbound.js';
import type { Json } from '../../../core/json.js';
import type { WireBody, WireResponse } from '../wire/messages.js';
import type { Questions } from './questions.js';
import type { CallScope } from './vital-signs.js';

interface Caller {
  readonly scope: CallScope;
  readonly questions: Questions;
}

/** A body that nobody reads holds its connection: it is given up with the response. */
const forgotten = new FinalizationRegistry<() => void>((giveUp) => giveUp());

/** `fetch` by way of the server: the one way out is there. */
export function createRemoteFetch(caller: Caller): OutboundFetch {
  return async (url, init = {}) => {
    const { signal = null, method = null, redirect = null, hosts = null } = init;
    signal?.throwIfAborted();
    const headers = new Headers(init.headers);
    const body = await packBody(init.body ?? null, headers);
    const request = { url: String(url), method, headers: [...headers], body, redirect, hosts };
    signal?.throwIfAborted();
    const { id, answer } = caller.questions.ask(caller.scope, { kind: 'fetch', request });
    const response = await abortable(answer, signal, () => caller.questions.drop(caller.scope, id));
    return unpackResponse({ ...caller, id, signal, told: response as unknown as WireResponse });
  };
}

/** Rejects with the signal's reason when that aborts first; `drop` is called then. */
async function abortable(answer: Promise<Json>, signal: AbortSignal | null, drop: () => void): Promise<Json> {
  if (signal === null) return answer;
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => {
      drop();
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([answer, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

async function packBody(body: NonNullable<OutboundInit['body']> | null, headers: Headers): Promise<WireBody | null> {
  if (body === null) return null;
  if (typeof body === 'string') return { text: body };
  // Forms and their like say themselves what they are.
  const whole = new Response(body);
  const type = whole.headers.get('content-type');
  if (type !== null && !headers.has('content-type')) headers.set('content-type', type);
  return { bytes: Buffer.from(await whole.arrayBuffer()).toString('base64') };
}

function unpackResponse(
  params: Caller & { readonly id: number; readonly signal: AbortSignal | null; readonly told: WireResponse },
): Response {
  const { told } = params;
  const headers = new Headers(told.headers.map(([name, value]): [string, string] => [name, value]));
  const body = told.hasBody ? readBody(params) : null;
  const response = makeResponse(body?.stream ?? null, { ...told, headers });
  if (body !== null) forgotten.register(response, body.giveUp);
  return response;
}

function readBody({
  id,
  scope,
  questions,
  signal,
}: Caller & { readonly id: number; readonly signal: AbortSignal | null }): {
  readonly stream: ReadableStream<Uint8Array>;
  readonly giveUp: () => void;
} {
  let isOver = false;
  const giveUp = (): void => {
    if (!isOver && !scope.ended) questions.drop(scope, id);
    isOver = true;
  };
  const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
    const piece = await abortable(questions.ask(scope, { kind: 'pull', of: id }).answer, signal, giveUp);
    if (typeof piece === 'string') controller.enqueue(Buffer.from(piece, 'base64'));
    else {
      isOver = true;
      controller.close();
    }
  };
  return { stream: new ReadableStream({ pull, cancel: giveUp }, { highWaterMark: 0 }), giveUp };
}
