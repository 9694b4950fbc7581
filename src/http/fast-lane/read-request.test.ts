import { describe, expect, it } from 'vitest';
import { readRequest } from './read-request.js';

const PATHS = new Set(['/mcp', '/mcp/workflows']);
const BODY = '{"id":1}';
const LINES = ['POST /mcp HTTP/1.1', 'Host: localhost:8787', `Content-Length: ${BODY.length}`];

const bytesOf = (lines: readonly string[], body = BODY): Buffer => Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`);
const kindOf = (bytes: Buffer): string => readRequest(bytes, PATHS, null).kind;

describe('readRequest', () => {
  it('reads a whole request', () => {
    const lines = [...LINES, 'Accept:application/json, text/event-stream', 'X-Empty:', 'X-Wide: \t a  b \t'];
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
    for (let length = 0; length < BODY.length; length += 1)
      expect(kindOf(bytesOf(LINES, BODY.slice(0, length)))).toBe('begun');
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
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.from('PO'),
      Buffer.alloc(70_000, 'POST '),
      Buffer.from([0x16, 3, 1, 2]),
    ])
      expect(kindOf(bytes)).toBe('other');
  });
});
