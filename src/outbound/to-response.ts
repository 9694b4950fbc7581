import type { Readable } from 'node:stream';
import { makeResponse } from '../core/make-response.js';
import { decodeBody, toWebStream } from './decode-body.js';

export interface Answer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  /** As it comes over the wire. */
  readonly body: Readable;
}

/** The statuses of responses without a body. */
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

/** A body that nobody reads holds its connection: it is given up with the response. */
const forgotten = new FinalizationRegistry<WeakRef<ReadableStream>>((kept) => {
  const stream = kept.deref();
  if (stream?.locked === false) void stream.cancel().catch(() => undefined);
});

/** The answer as `fetch` gives it, with its body as it was before it was compressed. */
export function toResponse(params: {
  readonly answer: Answer;
  readonly url: URL;
  readonly method: string;
  readonly redirected: boolean;
}): Response {
  const { answer, url, method, redirected } = params;
  const { status, statusText, headers } = answer;
  let stream: ReadableStream<Uint8Array> | null = null;
  if (WITHOUT_BODY.has(status) || method === 'HEAD') answer.body.resume();
  else stream = toWebStream(decodeBody(answer.body, headers.get('content-encoding')), () => void answer.body.destroy());
  const told = { status, statusText, headers, url: url.href.replace(/#.*$/s, ''), redirected };
  const response = makeResponse(stream, told);
  if (stream !== null) forgotten.register(response, new WeakRef(stream));
  return response;
}
