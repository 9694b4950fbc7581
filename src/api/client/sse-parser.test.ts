import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SseParser } from './sse-parser.js';

function parse(...chunks: readonly string[]): ReturnType<SseParser['push']> {
  const parser = new SseParser();
  return chunks.flatMap((chunk) => parser.push(chunk));
}

describe('SseParser', () => {
  it('reads id, event and data of a message', () => {
    expect(parse('id: 7\nevent: node.started\ndata: {"a":1}\n\n')).toEqual([
      { id: '7', event: 'node.started', data: '{"a":1}' },
    ]);
  });

  it('joins data lines with line feeds and keeps all but the first space', () => {
    expect(parse('data: a\ndata:  b\ndata:\ndata:c\n\n')).toEqual([{ id: null, event: 'message', data: 'a\n b\n\nc' }]);
  });

  it('drops comments, messages without data and a message that the end cuts off', () => {
    expect(parse(': hi\n\nevent: x\n\nid: 3\ndata: kept\n\ndata: lost')).toEqual([
      { id: '3', event: 'message', data: 'kept' },
    ]);
  });

  it('keeps the last id for messages that have none', () => {
    expect(parse('id: 1\ndata: a\n\ndata: b\n\n').map((message) => message.id)).toEqual(['1', '1']);
  });

  it('takes no id with a NUL in it', () => {
    expect(parse('id: a\0b\ndata: x\n\n')[0]?.id).toBeNull();
  });

  it('drops a byte order mark at the start', () => {
    expect(parse('\uFEFFdata: x\n\n')).toHaveLength(1);
  });

  it('reads the same however the stream is cut and whichever line ends it has', () => {
    const stream = ': c\nid: 1\nevent: e\ndata: é 🛠️ one\ndata: two\n\n: c\n\nid: 2\ndata: three\n\n';
    const whole = parse(stream);
    expect(whole).toHaveLength(2);
    fc.assert(
      fc.property(
        fc.constantFrom('\n', '\r', '\r\n'),
        fc.array(fc.nat({ max: 80 }), { maxLength: 12 }),
        (end, cuts) => {
          const text = stream.replaceAll('\n', end);
          const places = [0, ...cuts.map((cut) => Math.min(cut, text.length)).toSorted((a, b) => a - b), text.length];
          const chunks = places.slice(1).map((place, index) => text.slice(places[index], place));
          expect(parse(...chunks)).toEqual(whole);
        },
      ),
    );
  });
});
