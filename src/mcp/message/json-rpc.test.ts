import { assert, json, oneof, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errorText, parseMessages, resultText, rpcError } from './json-rpc.js';

function single(text: string) {
  const parsed = parseMessages(text);
  if (parsed.kind !== 'single') throw new Error(`parsed as ${parsed.kind}`);
  return parsed.message;
}

describe('parseMessages', () => {
  it('tells requests from notifications by their id', () => {
    expect(single('{"jsonrpc":"2.0","id":7,"method":"ping"}')).toEqual({
      kind: 'request',
      id: 7,
      method: 'ping',
      params: {},
    });
    expect(single('{"jsonrpc":"2.0","method":"notifications/initialized"}').kind).toBe('notification');
  });

  it('takes ids that are strings or numbers and refuses every other', () => {
    expect(single('{"jsonrpc":"2.0","id":"a","method":"ping"}')).toMatchObject({ kind: 'request', id: 'a' });
    expect(single('{"jsonrpc":"2.0","id":0,"method":"ping"}')).toMatchObject({ kind: 'request', id: 0 });
    for (const id of ['null', 'true', '{}', '[1]', '1e999']) {
      expect(single(`{"jsonrpc":"2.0","id":${id},"method":"ping"}`)).toMatchObject({
        kind: 'invalid',
        id: null,
        error: { code: -32600 },
      });
    }
  });

  it('takes no id that it could not give back as it was', () => {
    expect(single('{"jsonrpc":"2.0","id":9007199254740992,"method":"ping"}')).toMatchObject({
      kind: 'request',
      id: 2 ** 53,
    });
    for (const text of [
      '{"jsonrpc":"2.0","id":9007199254740993,"method":"ping"}',
      '{"jsonrpc":"2.0","id":-12345678901234567890,"method":"ping"}',
      '{"jsonrpc":"2.0","method":"ping","params":{"x":9007199254740993},"id":9007199254740993}',
    ]) {
      expect(single(text)).toMatchObject({
        kind: 'invalid',
        id: null,
        error: { code: -32600, message: expect.stringMatching(/^The number -?\d+ at \/(id|params\/x) cannot be kept/) },
      });
    }
    expect(parseMessages('[{"jsonrpc":"2.0","id":9007199254740993,"method":"ping"}]')).toMatchObject({
      kind: 'malformed',
      error: { code: -32600, message: expect.stringContaining('at /0/id ') },
    });
  });

  it('refuses params with a number that cannot be kept, for the id of the request', () => {
    const call =
      '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"_meta":{"progressToken":12345678901234567891}}}';
    expect(single(call)).toEqual({
      kind: 'unfit',
      id: 7,
      error: {
        code: -32602,
        message:
          'The number 12345678901234567891 at /params/_meta/progressToken cannot be kept exactly: write it as a text, in quotes.',
      },
    });
  });

  it('keeps the id of an invalid request when it has one', () => {
    expect(single('{"jsonrpc":"1.0","id":3,"method":"ping"}')).toMatchObject({ kind: 'invalid', id: 3 });
    expect(single('{"jsonrpc":"2.0","id":3,"method":5}')).toMatchObject({ kind: 'invalid', id: 3 });
    expect(single('{"jsonrpc":"2.0","id":3}')).toMatchObject({ kind: 'invalid', id: 3 });
  });

  it('refuses params that are no object as invalid params', () => {
    expect(single('{"jsonrpc":"2.0","id":3,"method":"ping","params":[1]}')).toMatchObject({
      kind: 'invalid',
      id: 3,
      error: { code: -32602 },
    });
  });

  it('takes answers to requests that it never made', () => {
    expect(single('{"jsonrpc":"2.0","id":3,"result":{}}')).toMatchObject({ kind: 'response', body: { id: 3 } });
    expect(single('{"jsonrpc":"2.0","id":3,"error":{"code":1,"message":"x"}}').kind).toBe('response');
  });

  it('keeps the order of a batch and the faults of its members apart', () => {
    const parsed = parseMessages('[{"jsonrpc":"2.0","id":1,"method":"ping"},5]');
    expect(parsed).toMatchObject({ kind: 'batch', messages: [{ kind: 'request' }, { kind: 'invalid', id: null }] });
  });

  it('says that text which is no JSON cannot be parsed', () => {
    for (const text of ['', '{', 'hello', '{"a":1}x', '\u0000']) {
      expect(parseMessages(text)).toMatchObject({ kind: 'malformed', error: { code: -32700 } });
    }
  });

  it('never throws, whatever the text', () => {
    assert(
      property(oneof(string(), json()), (text) => {
        expect(['malformed', 'single', 'batch']).toContain(parseMessages(text).kind);
      }),
    );
  });
});

describe('answers', () => {
  it('are JSON-RPC, with the id as it was given', () => {
    expect(JSON.parse(resultText('a"b', '{"x":1}'))).toEqual({ jsonrpc: '2.0', id: 'a"b', result: { x: 1 } });
    expect(JSON.parse(errorText(null, rpcError('parseError', 'no')))).toEqual({
      jsonrpc: '2.0',
      id: null,
      error: { code: -32700, message: 'no' },
    });
  });
});
