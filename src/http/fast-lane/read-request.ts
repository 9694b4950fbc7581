import { maxHeaderSize } from 'node:http';

/** The head of a request that the fast lane takes. */
export interface PlainHead {
  /** As it came, up to the empty line: the next request's on a connection is nearly always the same. */
  readonly text: string;
  readonly path: string;
  /** By their names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly bodyLength: number;
}

export type RequestReading =
  | { readonly kind: 'whole'; readonly head: PlainHead; readonly body: string }
  /** The rest of the body is still to come. `body` is what has come of it. */
  | { readonly kind: 'begun'; readonly head: PlainHead; readonly body: Buffer }
  /** The head is longer than Node's HTTP server allows (16 KiB). It is not looked at. */
  | { readonly kind: 'head_too_long' }
  /** Not for the fast lane, whatever it is. */
  | { readonly kind: 'other' };

const HEAD_TOO_LONG: RequestReading = { kind: 'head_too_long' };
const OTHER: RequestReading = { kind: 'other' };

/** Longer requests are not asked thousands of times a second. */
const MAX_BYTES = 65_536;
const END_OF_HEAD = Buffer.from('\r\n\r\n');

/**
 * Reads the one kind of request that is asked all the time: a POST over HTTP/1.1 to a path in `paths`, with a length,
 * each header once, nothing but printable ASCII in its head, and nothing after its body. What is anything else, or
 * could be read in two ways, is `other`.
 */
export function readRequest(bytes: Buffer, paths: ReadonlySet<string>, before: PlainHead | null): RequestReading {
  // "POST": most of what is other is told by its first letters.
  if (bytes.length < 4 || bytes.readUInt32BE(0) !== 0x50_4f_53_54) return OTHER;
  const isLong = bytes.length > maxHeaderSize;
  const end = (isLong ? bytes.subarray(0, maxHeaderSize) : bytes).indexOf(END_OF_HEAD);
  if (end === -1) return isLong ? HEAD_TOO_LONG : OTHER;
  if (bytes.length > MAX_BYTES) return OTHER;
  const text = bytes.toString('latin1', 0, end);
  const head = before !== null && before.text === text ? before : readHead(text, paths);
  if (head === null) return OTHER;
  const bodyStart = end + END_OF_HEAD.length;
  const bodyEnd = bodyStart + head.bodyLength;
  if (bodyEnd > MAX_BYTES || bytes.length > bodyEnd) return OTHER;
  if (bytes.length < bodyEnd) return { kind: 'begun', head, body: bytes.subarray(bodyStart) };
  return { kind: 'whole', head, body: bytes.toString('utf8', bodyStart, bodyEnd) };
}

/** The head as it came, with its end. */
export function headBytes({ text }: PlainHead): Buffer {
  return Buffer.concat([Buffer.from(text, 'latin1'), END_OF_HEAD]);
}

// No two repetitions stand side by side, and all are anchored: the time that a match takes grows with the length of the
// text alone.
const REQUEST_LINE = /^POST (\/[\x21-\x3e\x40-\x7e]*) HTTP\/1\.1$/;
/**
 * RFC 9110, sections 5.5 and 5.6.2, without what is obsolete. A tab is allowed there, but not everywhere by Node's
 * parser, and nobody sends one. The blanks around the value are part of the match.
 */
const HEADER_LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):([\x20-\x7e]*)$/;
/** Those that change how the request is to be read, or what happens with the connection. */
const NOT_PLAIN = new Set([
  'transfer-encoding',
  'expect',
  'upgrade',
  'te',
  'trailer',
  'content-encoding',
  'http2-settings',
]);

function readHead(text: string, paths: ReadonlySet<string>): PlainHead | null {
  const [requestLine = '', ...lines] = text.split('\r\n');
  const path = REQUEST_LINE.exec(requestLine)?.[1];
  if (path === undefined || !paths.has(path)) return null;
  const headers = new Map<string, string>();
  for (const line of lines) {
    const match = HEADER_LINE.exec(line);
    const name = match?.[1]?.toLowerCase();
    if (name === undefined || NOT_PLAIN.has(name) || headers.has(name)) return null;
    headers.set(name, match?.[2]?.trim() ?? '');
  }
  const length = headers.get('content-length');
  const connection = headers.get('connection')?.toLowerCase();
  if (!headers.has('host') || length === undefined || !/^\d{1,6}$/.test(length)) return null;
  if (connection !== undefined && connection !== 'keep-alive') return null;
  return { text, path, headers, bodyLength: Number(length) };
}
