import type { Readable } from 'node:stream';
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
  const isKnown = status >= 200 && status <= 599;
  const response = new Response(stream, { status: isKnown ? status : 200, statusText: toText(statusText), headers });
  if (stream !== null) forgotten.register(response, new WeakRef(stream));
  // What a response is made with tells neither where it came from nor a status that the standard does not know.
  Object.defineProperty(response, 'url', { value: url.href.replace(/#.*$/s, '') });
  Object.defineProperty(response, 'redirected', { value: redirected });
  if (!isKnown) {
    Object.defineProperty(response, 'status', { value: status });
    Object.defineProperty(response, 'ok', { value: false });
  }
  return response;
}

/** Only what a Response takes for a reason phrase. */
function toText(text: string): string {
  return text.replaceAll(/[^\t\x20-\x7E\x80-\xFF]/g, '');
}
