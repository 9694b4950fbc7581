import { describe, expect, it } from 'vitest';
import { readRequest } from './read-request.js';

const PATHS = new Set(['/mcp', '/mcp/workflows']);
const BODY = '{"id":1}';
const LINES = ['POST /mcp HTTP/1.1', 'Host: localhost:8787', `Content-Length: ${BODY.length}`];

const bytesOf = (lines: readonly string[], body = BODY): Buffer => Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`);
const kindOf = (bytes: Buffer): string => readRequest(bytes, PATHS, null).kind;

describe('readRequest', () => {
  it('reads a whole request', () => {
    const lines = [...LINES, 'Accept:application/json, text/event-stream', 'X-Empty:', 'X-Wide:   a  b  '];
    const reading = readRequest(bytesOf(lines), PATHS, null);
    expect(reading).toMatchObject({ kind: 'whole', body: BODY, head: { path: '/mcp', bodyLength: BODY.length } });
    if (reading.kind !== 'whole') throw new Error('it is');
    expect(Object.fromEntries(reading.head.headers)).toEqual({
      host: 'localhost:8787',
      'content-length': '8',
      accept: 'application/json, text/event-stream',
      'x-empty': '',
      'x-wide': 'a  b',
    });
  });

  it('counts bytes, not characters', () => {
    const body = '{"name":"Zoë 😀"}';
    const lines = [...LINES.slice(0, 2), `Content-Length: ${Buffer.byteLength(body)}`];
    expect(readRequest(bytesOf(lines, body), PATHS, null)).toMatchObject({ kind: 'whole', body });
  });

  it('takes the head of before for the same one', () => {
    const first = readRequest(bytesOf(LINES), PATHS, null);
    if (first.kind !== 'whole') throw new Error('it is');
    const again = readRequest(bytesOf(LINES, '{"id":2}'), PATHS, first.head);
    expect(again).toMatchObject({ kind: 'whole', body: '{"id":2}' });
    if (again.kind !== 'whole') throw new Error('it is');
    expect(again.head).toBe(first.head);
  });

  it('waits for the rest of a body', () => {
    for (let length = 0; length < BODY.length; length += 1) {
      const reading = readRequest(bytesOf(LINES, BODY.slice(0, length)), PATHS, null);
      expect(reading).toMatchObject({ kind: 'begun', head: { path: '/mcp' } });
      expect(reading.kind === 'begun' && reading.body.toString()).toBe(BODY.slice(0, length));
    }
  });

  it('takes heads up to 16 KiB, and does not look at longer ones', () => {
    const withPadding = (length: number): Buffer => {
      const lines = [...LINES, 'X-Padding: '];
      const size = lines.join('\r\n').length + 4;
      return bytesOf([...LINES, `X-Padding: ${'x'.repeat(length - size)}`]);
    };
    expect(kindOf(withPadding(16_384))).toBe('whole');
    expect(kindOf(withPadding(16_385))).toBe('head_too_long');
    expect(kindOf(bytesOf([...LINES, `x:${' '.repeat(60_000)}\u0001`]))).toBe('head_too_long');
    expect(kindOf(Buffer.alloc(20_000, 'POST '))).toBe('head_too_long');
  });

  it.each([
    ['blanks and a byte that is not allowed', (n: number) => `x:${' '.repeat(n)}\u0001`],
    ['words and a byte that is not allowed', (n: number) => `x:${'a '.repeat(n / 2)}\u0001`],
    ['tabs', (n: number) => `x:${'\t'.repeat(n)}y`],
    ['blanks before the colon', (n: number) => `x${' '.repeat(n)}:`],
    ['a name without an end', (n: number) => 'x'.repeat(n)],
    ['colons', (n: number) => ':'.repeat(n)],
    ['empty headers', (n: number) => Array.from({ length: n / 8 }, (_, index) => `${index}:`).join('\r\n')],
    ['carriage returns', (n: number) => `x:${'\r'.repeat(n)}`],
    ['blanks and a value', (n: number) => `x:${' '.repeat(n)}y`],
    ['a value and blanks', (n: number) => `x:y${' '.repeat(n)}`],
  ])('reads a head full of %s in time that grows with its length alone', (_what, line) => {
    const bytes = bytesOf([...LINES, line(16_000)]);
    const start = performance.now();
    for (let count = 0; count < 50; count += 1) readRequest(bytes, PATHS, null);
    // Half a millisecond each. With a quadratic reader, the first of these takes 90 ms.
    expect((performance.now() - start) / 50).toBeLessThan(20);
  });

  it.each([
    ['another method', ['GET /mcp HTTP/1.1', ...LINES.slice(1)]],
    ['another path', ['POST /mcp/ HTTP/1.1', ...LINES.slice(1)]],
    ['a query', ['POST /mcp?x=1 HTTP/1.1', ...LINES.slice(1)]],
    ['a whole address', ['POST http://localhost/mcp HTTP/1.1', ...LINES.slice(1)]],
    ['HTTP/1.0', ['POST /mcp HTTP/1.0', ...LINES.slice(1)]],
    ['two spaces', ['POST  /mcp HTTP/1.1', ...LINES.slice(1)]],
    ['no host', [LINES[0] ?? '', LINES[2] ?? '']],
    ['no length', LINES.slice(0, 2)],
    ['a length twice', [...LINES, 'content-length: 8']],
    ['another length too', [...LINES, 'Content-Length: 9']],
    ['a list as its length', [...LINES.slice(0, 2), 'Content-Length: 8, 8']],
    ['a length with a sign', [...LINES.slice(0, 2), 'Content-Length: +8']],
    ['a length in hex', [...LINES.slice(0, 2), 'Content-Length: 0x8']],
    ['a huge length', [...LINES.slice(0, 2), 'Content-Length: 70000']],
    ['a length beyond numbers', [...LINES.slice(0, 2), 'Content-Length: 99999999999999999999']],
    ['chunks', [...LINES, 'Transfer-Encoding: chunked']],
    ['chunks, spelled oddly', [...LINES, 'tRANSFER-eNCODING: identity']],
    ['an expectation', [...LINES, 'Expect: 100-continue']],
    ['an upgrade', [...LINES, 'Connection: Upgrade', 'Upgrade: websocket']],
    ['an end of the connection', [...LINES, 'Connection: close']],
    ['a compressed body', [...LINES, 'Content-Encoding: gzip']],
    ['a header twice', [...LINES, 'Authorization: Bearer a', 'Authorization: Bearer b']],
    ['a space before the colon', [...LINES.slice(0, 2), 'Content-Length : 8']],
    ['a folded header', [...LINES, 'X-A: a', ' b']],
    ['a header without a name', [...LINES, ': a']],
    ['a line that is no header', [...LINES, 'nonsense']],
    ['a bare line feed', [...LINES.slice(0, 2), 'X-A: a\nContent-Length: 8']],
    ['a bare carriage return', [...LINES, 'X-A: a\rb']],
    ['a tab before its length', [...LINES.slice(0, 2), 'Content-Length:\t8']],
    ['a tab after its length', [...LINES.slice(0, 2), 'Content-Length: 8\t']],
    ['a tab in a value', [...LINES, 'X-A: a\tb']],
    ['a NUL', [...LINES, 'X-A: a\0b']],
    ['letters beyond ASCII', [...LINES, 'X-A: ü']],
    ['a first line that is empty', ['', ...LINES]],
  ])('leaves %s to others', (_what, lines) => {
    expect(kindOf(bytesOf(lines))).toBe('other');
  });

  it('leaves what has no end of its head, more than one request, and nonsense to others', () => {
    expect(kindOf(Buffer.from('POST /mcp HTTP/1.1\r\nHost: x\r\n'))).toBe('other');
    expect(kindOf(Buffer.concat([bytesOf(LINES), bytesOf(LINES)]))).toBe('other');
    expect(kindOf(bytesOf(LINES, `${BODY} `))).toBe('other');
    for (const bytes of [Buffer.alloc(0), Buffer.from('PO'), Buffer.from([0x16, 3, 1, 2])])
      expect(kindOf(bytes)).toBe('other');
  });
});
