import { describe, expect, it } from 'vitest';
import { limitBody } from './limit-body.js';

function respond(type: string, chunks: readonly string[]): Response {
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(encoder.encode(chunk));
      controller.close();
    },
  });
  return new Response(body, { status: 202, headers: { 'content-type': type, 'x-a': '1' } });
}

describe('a limited body', () => {
  it('is the same where it is short enough', async () => {
    const limited = limitBody(respond('application/json', ['{"a":', '1}']), 7);
    expect([limited.status, limited.headers.get('x-a'), await limited.text()]).toEqual([202, '1', '{"a":1}']);
    const nothing = new Response(null, { status: 204 });
    expect(limitBody(nothing, 1)).toBe(nothing);
  });

  it('breaks where it is longer', async () => {
    await expect(limitBody(respond('application/json', ['{"a":', '12}']), 7).text()).rejects.toThrow(
      'more than 7 bytes',
    );
  });

  it('may be a stream without end, of events that are each short enough', async () => {
    const events = Array.from({ length: 100 }, (_, n) => (n % 2 === 0 ? 'data: abc\n\n' : 'data: abc\r\n\r\n'));
    expect(await limitBody(respond('text/event-stream; charset=utf-8', events), 20).text()).toBe(events.join(''));
    const split = ['data: ab', 'cd\n\ndata: e', 'f\n\n'];
    expect(await limitBody(respond('text/event-stream', split), 20).text()).toBe(split.join(''));
    const long = ['data: a\n\n', 'data: bbbbbbbb', 'bbbbbbbbbb', 'bbbbbbbbb\n\n'];
    await expect(limitBody(respond('text/event-stream', long), 20).text()).rejects.toThrow('more than 20 bytes');
  });
});
