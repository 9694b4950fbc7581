/** What tells of an answer beside its body. */
export interface ResponseHead {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  readonly url: string;
  readonly redirected: boolean;
}

/**
 * A response as `fetch` gives it. What a Response is made with tells neither where it came from nor a status that the
 * standard does not know.
 */
export function makeResponse(body: ReadableStream<Uint8Array> | null, head: ResponseHead): Response {
  const { status, statusText, headers, url, redirected } = head;
  const isKnown = status >= 200 && status <= 599;
  const response = new Response(body, { status: isKnown ? status : 200, statusText: toText(statusText), headers });
  Object.defineProperty(response, 'url', { value: url });
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
