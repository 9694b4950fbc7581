const LINE_FEED = 10;

/**
 * The response with a body that breaks when a message in it is longer than that: all of it, or for a stream of events,
 * one event.
 */
export function limitBody(response: Response, maxBytes: number): Response {
  const { body, status, statusText, headers } = response;
  if (body === null) return response;
  const isStream = (headers.get('content-type') ?? '').startsWith('text/event-stream');
  let length = 0;
  const limited = body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        const end = isStream ? lastEventEnd(chunk) : -1;
        length = end < 0 ? length + chunk.length : chunk.length - end;
        if (length > maxBytes) controller.error(new Error(`the server sent a message of more than ${maxBytes} bytes`));
        else controller.enqueue(chunk);
      },
    }),
  );
  const copy = new Response(limited, { status, statusText, headers });
  // What a response is made with does not tell where it came from.
  Object.defineProperty(copy, 'url', { value: response.url });
  return copy;
}

/** Behind the last empty line; -1 when there is none. Events end with one. */
function lastEventEnd(chunk: Uint8Array): number {
  for (let at = chunk.length - 1; at > 0; at--) {
    if (chunk[at] !== LINE_FEED) continue;
    const before = chunk[at - 1] === 13 ? at - 2 : at - 1;
    if (chunk[before] === LINE_FEED) return at + 1;
  }
  return -1;
}
