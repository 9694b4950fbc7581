import { KEY } from '../../support/server/server-process.js';
import type { Probe } from '../measured-server.js';
import { HEAD_BYTES, HEAD_STRINGS, shareOf, type ProbeGroup } from './probe-groups.js';

const HEADERS = [
  'Accept',
  'Authorization',
  'Connection',
  'Content-Encoding',
  'Content-Length',
  'Content-Type',
  'Cookie',
  'Expect',
  'Forwarded',
  'Host',
  'Idempotency-Key',
  'Last-Event-ID',
  'Mcp-Method',
  'Mcp-Name',
  'Mcp-Param-Name',
  'MCP-Protocol-Version',
  'Origin',
  'Range',
  'TE',
  'Transfer-Encoding',
  'Upgrade',
  'X-Forwarded-For',
  'X-Nobody-Knows',
] as const;

/** Heads as bytes: each header, each part of the request line, on each way that requests go. */
export function headGroups(paths: readonly string[]): readonly ProbeGroup[] {
  return paths.flatMap((path) => [
    ...HEADERS.map((name, place) => ({
      name: `the header ${name} of ${path}`,
      probes: shareOf(headerProbes(path, name), place, 8),
    })),
    { name: `the head of ${path}`, probes: wholeHeadProbes(path) },
  ]);
}

const HEAD_SIZES = [HEAD_BYTES, 60_000];

function headerProbes(path: string, name: string): readonly Probe[] {
  const unescaped = HEAD_STRINGS.map((text) => text.replaceAll(/\\./g, ' '));
  const values = unescaped.flatMap((text) => [
    text,
    `Bearer ${text}`,
    `application/json;${text}`,
    `http://${text}`,
    `${text}\u0001`,
  ]);
  const long = HEAD_SIZES.flatMap((size) => [
    `${' '.repeat(size)}\u0001`,
    `${'\t'.repeat(size)}x`,
    `${'a'.repeat(size)}\u0001`,
  ]);
  return [...values, ...long].map((value) => rawProbe(`${value.slice(0, 20)}…`, headOf(path, `${name}:${value}`)));
}

function headOf(path: string, ...lines: readonly string[]): string {
  const usual = [
    'Host: localhost',
    `Authorization: Bearer ${KEY}`,
    'Content-Type: application/json',
    'Content-Length: 2',
  ];
  const kept = usual.filter(
    (line) => !lines.some((own) => own.toLowerCase().startsWith(line.slice(0, 9).toLowerCase())),
  );
  return [`POST ${path} HTTP/1.1`, ...kept, ...lines, '', '{}'].join('\r\n');
}

function wholeHeadProbes(path: string): readonly Probe[] {
  const probes: Probe[] = [];
  for (const size of HEAD_SIZES) {
    const many = Array.from({ length: size / 12 }, (_, index) => `x${index}: ${index}`);
    const heads = {
      'many headers': headOf(path, ...many),
      'one header again and again': headOf(path, ...many.map(() => 'x: y')),
      'empty lines': headOf(path, ...many.map(() => '')),
      'blanks in the request line': headOf(path).replace('POST ', `POST${' '.repeat(size)}`),
      'a long method': headOf(path).replace('POST', 'P'.repeat(size)),
      'a long path': headOf(`${path}${'/a'.repeat(size / 2)}`),
      'dots in the path': headOf(`${path}${'/..'.repeat(size / 3)}`),
      'escapes in the path': headOf(`${path}/${'%2f'.repeat(size / 3)}`),
      'escapes that are cut': headOf(`${path}/${'%'.repeat(size)}`),
      'a long query': headOf(`${path}?${'a=1&'.repeat(size / 4)}`),
      'blanks without an end': `POST ${path} HTTP/1.1\r\nx:${' '.repeat(size)}`,
      'returns without lines': `POST ${path} HTTP/1.1\r\n${'\r'.repeat(size)}`,
      'lines without returns': `POST ${path} HTTP/1.1\n${'x: y\n'.repeat(size / 5)}\n`,
      'requests one behind the other': headOf(path).repeat(Math.ceil(size / headOf(path).length)),
    };
    for (const [name, head] of Object.entries(heads)) probes.push(rawProbe(`${name}, ${size}`, head));
  }
  return probes;
}

function rawProbe(name: string, head: string): Probe {
  const bytes = Buffer.from(head, 'latin1');
  return { name, send: (server) => server.sendRaw(bytes) };
}
