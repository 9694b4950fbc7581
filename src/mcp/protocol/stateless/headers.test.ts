import { describe, expect, it } from 'vitest';
import { headerParamsMismatch } from './header-params.js';
import { decodeHeader, nameMismatch } from './headers.js';

const readerOf = (headers: Record<string, string>) => (name: string) => headers[name];

describe('decodeHeader', () => {
  it('decodes what is marked as base64, and takes everything else as it is', () => {
    expect(decodeHeader('=?base64?SGVsbG8=?=')).toBe('Hello');
    expect(decodeHeader('=?base64?WsO8cmljaA==?=')).toBe('Zürich');
    for (const literal of ['SGVsbG8=', '=?base64?SGVsbG8=', '=?BASE64?SGVsbG8=?=', '']) {
      expect(decodeHeader(literal)).toBe(literal);
    }
  });

  it('takes no base64 that lacks its padding or has other characters', () => {
    for (const wrong of ['=?base64?SGVsbG8?=', '=?base64?SGVs!!!bG8=?=', '=?base64?SGVsbG8=\n?=']) {
      expect(decodeHeader(wrong)).toBeNull();
    }
  });
});

describe('nameMismatch', () => {
  it('holds Mcp-Name against the param that names what the method is about', () => {
    expect(nameMismatch('tools/call', { name: 'x' }, readerOf({ 'mcp-name': 'x' }))).toBeNull();
    expect(nameMismatch('resources/read', { uri: 'a:b' }, readerOf({ 'mcp-name': 'a:c' }))).toMatchObject({
      code: -32020,
    });
    expect(nameMismatch('tasks/get', { taskId: 't' }, readerOf({}))).toMatchObject({ code: -32020 });
    expect(nameMismatch('tools/list', {}, readerOf({ 'mcp-name': 'whatever' }))).toBeNull();
    expect(nameMismatch('constructor', { name: 'x' }, readerOf({}))).toBeNull();
  });

  it('takes a name that looks like base64 in base64 only', () => {
    const name = '=?base64?SGVsbG8=?=';
    expect(nameMismatch('tools/call', { name }, readerOf({ 'mcp-name': name }))).toMatchObject({ code: -32020 });
    const encoded = `=?base64?${Buffer.from(name).toString('base64')}?=`;
    expect(nameMismatch('tools/call', { name }, readerOf({ 'mcp-name': encoded }))).toBeNull();
  });
});

describe('headerParamsMismatch', () => {
  const schema = {
    type: 'object',
    properties: {
      count: { type: 'integer', 'x-mcp-header': 'Count' },
      dry: { type: 'boolean', 'x-mcp-header': 'Dry' },
      place: { type: 'object', properties: { region: { type: 'string', 'x-mcp-header': 'Region' } } },
    },
  };
  const mismatch = (args: object, headers: Record<string, string>) =>
    headerParamsMismatch(schema, args as Record<string, never>, readerOf(headers))?.error.code ?? null;

  it('compares integers as numbers, flags as words and texts as they are, however deep', () => {
    const args = { count: 5, dry: true, place: { region: 'eu' } };
    const headers = { 'mcp-param-count': '5', 'mcp-param-dry': 'true', 'mcp-param-region': 'eu' };
    expect(mismatch(args, headers)).toBeNull();
    expect(mismatch(args, { ...headers, 'mcp-param-count': '5.0' })).toBeNull();
    expect(mismatch(args, { ...headers, 'mcp-param-count': '6' })).toBe(-32020);
    expect(mismatch(args, { ...headers, 'mcp-param-dry': 'yes' })).toBe(-32020);
    expect(mismatch(args, { ...headers, 'mcp-param-region': 'EU' })).toBe(-32020);
  });

  it('asks for no header where there is no value', () => {
    expect(mismatch({ count: null, place: 'elsewhere' }, {})).toBeNull();
    expect(mismatch({}, { 'mcp-param-count': '5' })).toBeNull();
    expect(mismatch({ count: 1 }, {})).toBe(-32020);
  });
});
